/**
 * The own rules as one file, which a run reads in a millisecond.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRules } from '../src/watch/sigma/index.ts';

/**
 * Rules of a folder, read and linked, as JSON: `{ digest, rules }`. Examples are left out: only tests need them.
 *
 * @throws where a rule has a problem
 */
export function compileRules(folder: string): string {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .sort();
  const texts = names.map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
  const { rules, problems, digest } = loadRules(texts);
  const [problem] = problems;
  if (problem !== undefined)
    throw new Error(`${join(folder, problem.file)}:${problem.line}:${problem.column}: ${problem.message}`);
  const none = { true: [], false: [] };
  return JSON.stringify({ digest, rules: rules.map((rule) => ({ ...rule, examples: none })) });
}
