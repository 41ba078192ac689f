/**
 * The own rules as one file, which a run reads in a millisecond.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseContract } from '../src/contract/index.ts';
import { clauseBriefs } from '../src/watch/clauses/index.ts';
import { CATEGORIES, type Expression, loadRules, SigmaDetector } from '../src/watch/sigma/index.ts';
import { requirementOf } from '../src/watch/sigma/requirement.ts';
import { observationSignature, Program } from '../src/watch/temporal/index.ts';

/**
 * Rules of some folders, read and linked, as JSON: `{ digest, rules, prefilters }`. Examples are left out: only tests need them.
 *
 * @throws where a rule has a problem
 */
export function compileRules(folders: readonly string[]): string {
  const texts = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.yml'))
      .sort()
      .map((name) => [join(basename(folder), name), readFileSync(join(folder, name), 'utf8')] as const),
  );
  const { rules, formulas, problems, digest } = loadRules(texts);
  const [problem] = problems;
  if (problem !== undefined)
    throw new Error(`rules/${problem.file}:${problem.line}:${problem.column}: ${problem.message}`);
  const none = { true: [], false: [] };
  const compiled = rules.map((rule) =>
    rule.kind === 'detection' ? { ...rule, expression: analysed(rule.expression) } : rule,
  );
  const signature = observationSignature();
  const briefed = formulas.map((rule) => ({
    ...rule,
    brief: new Program(rule.formula, { signature }).brief,
  }));
  // a run needs few of the expressions, and reads those alone
  const written = [...compiled, ...briefed].map((rule) => ({
    ...rule,
    examples: none,
    ...(rule.kind === 'detection' && { expression: JSON.stringify(rule.expression) }),
  }));
  const prefilters = new SigmaDetector(compiled).prefilters(CATEGORIES);
  return JSON.stringify({ digest, rules: written, prefilters });
}

/** From when on the clauses of contracts must be followed, as JSON. */
export function compileClauses(): string {
  const loaded = parseContract('ringfence: 1\nname: any\n', 'ringfence.yaml');
  if (!loaded.ok) throw new Error('the smallest contract is none');
  return JSON.stringify(clauseBriefs(loaded.contract));
}

/** The same with what is certain of each regular expression: finding that out took most of the time in which rules were made ready. */
function analysed(expression: Expression): Expression {
  if ('and' in expression) return { and: expression.and.map(analysed) };
  if ('or' in expression) return { or: expression.or.map(analysed) };
  if ('not' in expression) return { not: analysed(expression.not) };
  const { test } = expression;
  return test.kind === 'regex'
    ? { test: { ...test, needs: requirementOf(test.source, test.flags) } }
    : expression;
}
