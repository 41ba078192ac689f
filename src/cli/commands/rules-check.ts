/**
 * `ringfence rules check`.
 *
 * @module
 */
import { formatProblem } from '../../contract/index.ts';
import { loadRules, type Need } from '../../watch/sigma/index.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { rulesOf } from '../rules/files.ts';
import { safe } from '../text.ts';
import { allOf } from '../watch/rule-folder.ts';

const needText = ({ file, line, column, rule, what, name }: Need): string =>
  `${safe(file)}:${line}:${column}: ${safe(rule)}: needs the ${what} ${safe(name)}, which is not recorded here`;

export function run({ args, options, terminal }: Invocation<'rules check'>): number {
  const loaded = loadRules(rulesOf(args));
  const { problems, needs, digest } = loaded;
  const rules = allOf(loaded);
  const lacking = new Set(needs.map(({ rule }) => rule));
  if (options.json) {
    const listed = rules.map(({ info, at, kind }) => ({
      ...{ id: info.id, title: info.title, kind, ...at, hazard: info.hazard, level: info.level },
      techniques: info.techniques,
      state: lacking.has(info.id) ? 'lacking' : 'ok',
      needs: needs
        .filter(({ rule }) => rule === info.id)
        .map(({ what, name, line, column }) => ({ what, name, line, column })),
    }));
    terminal.out(JSON.stringify({ digest, rules: listed, problems }, null, 2));
  } else {
    for (const problem of problems) terminal.err(formatProblem(problem));
    for (const need of needs) terminal.out(needText(need));
    const count = rules.filter(({ info }) => lacking.has(info.id)).length;
    const bad = new Set(problems.map(({ file }) => file)).size;
    terminal.out(
      `${rules.length - count} rules can be used wholly, ${count} need what is not recorded here, ${problems.length} problems${bad === 0 ? '' : ` in ${bad} files`}`,
    );
  }
  if (problems.length > 0) return EXIT.failed;
  return needs.length > 0 ? EXIT.lacking : EXIT.ok;
}
