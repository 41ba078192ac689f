/**
 * `ringfence rules list`.
 *
 * @module
 */
import { formatProblem } from '../../contract/index.ts';
import { loadRules } from '../../watch/sigma/index.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { rulesOf } from '../rules/files.ts';
import { safe } from '../text.ts';
import { allOf } from '../watch/rule-folder.ts';

export function run({ args, options, terminal }: Invocation<'rules list'>): number {
  const loaded = loadRules(rulesOf(args));
  const { problems, digest } = loaded;
  const rules = allOf(loaded);
  if (options.json) {
    const listed = rules.map(({ info, at, kind }) => ({ ...info, kind, ...at }));
    terminal.out(JSON.stringify({ digest, rules: listed, problems }, null, 2));
    return problems.length > 0 ? EXIT.failed : EXIT.ok;
  }
  for (const problem of problems) terminal.err(formatProblem(problem));
  let hazard = '';
  for (const { info } of [...rules].sort((first, second) =>
    first.info.hazard.localeCompare(second.info.hazard, 'en'),
  )) {
    if (info.hazard !== hazard) {
      if (hazard !== '') terminal.out('');
      hazard = info.hazard;
      terminal.out(terminal.style('bold', hazard));
    }
    const techniques = info.techniques.length === 0 ? '' : ` (${safe(info.techniques.join(', '))})`;
    const reserved = info.reserved ? ', kept back for evaluation' : '';
    terminal.out(`  ${safe(info.id)}  ${info.level}${reserved}: ${safe(info.title)}${techniques}`);
    terminal.out(`    not seen: ${safe(info.limit)}`);
  }
  return problems.length > 0 ? EXIT.failed : EXIT.ok;
}
