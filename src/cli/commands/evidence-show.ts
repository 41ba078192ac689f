/**
 * `ringfence evidence show`.
 *
 * @module
 */
import { fullClaim } from '../../evidence/index.ts';
import type { Invocation } from '../command.ts';
import { findClaim, openBase, reportProblems } from '../evidence/base.ts';
import { claimPage } from '../evidence/page/index.ts';
import { EXIT } from '../exit-codes.ts';

export function run({ args: [id = ''], options, terminal }: Invocation<'evidence show'>): number {
  const base = openBase(options);
  const claim = findClaim(base, id);
  const status = base.statusOf(claim);
  reportProblems(base, terminal.err);
  if (options.json)
    terminal.out(JSON.stringify(fullClaim(claim, status, base.sources, base.coverageOf(claim)), null, 2));
  else terminal.out(claimPage(base, { claim, status }, terminal));
  return EXIT.ok;
}
