/**
 * `ringfence evidence list`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { openBase, reportProblems } from '../evidence/base.ts';
import { facetsOf, filterClaims } from '../evidence/filter.ts';
import { listJson, listText } from '../evidence/list.ts';
import { EXIT } from '../exit-codes.ts';

export function run({ options, terminal }: Invocation<'evidence list'>): number {
  const base = openBase(options);
  const listed = filterClaims(base, facetsOf(options));
  reportProblems(base, terminal.err);
  if (options.json) terminal.out(JSON.stringify(listJson(base, listed), null, 2));
  else terminal.out(listText(base, listed, terminal));
  return base.evidence.problems.length > 0 ? EXIT.failed : EXIT.ok;
}
