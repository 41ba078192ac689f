/**
 * `ringfence evidence lint`.
 *
 * @module
 */
import { formatProblem } from '../../contract/index.ts';
import { lintEvidence } from '../../evidence/lint/index.ts';
import type { Invocation } from '../command.ts';
import { openBase } from '../evidence/base.ts';
import { attestReview } from '../evidence/review.ts';
import { readWorld } from '../evidence/world.ts';
import { EXIT } from '../exit-codes.ts';

export function run({ options, terminal }: Invocation<'evidence lint'>): number {
  const base = openBase(options);
  const problems = lintEvidence(
    base.evidence,
    readWorld(base.folder, base.today),
    base.isOwn || options.complete,
  );
  const { claims, sources } = base.evidence;
  const counts = {
    claims: claims.length,
    drafts: claims.filter(({ draft }) => draft).length,
    sources: sources.length,
  };
  if (options.json)
    terminal.out(JSON.stringify({ folder: base.folder, on: base.today, ...counts, problems }, null, 2));
  else {
    for (const problem of problems) terminal.err(formatProblem(problem));
    const said = problems.length === 0 ? 'nothing is wrong' : counted(problems.length, 'problem');
    const drafts = counts.drafts === 0 ? '' : ` (${counts.drafts} of them drafts)`;
    terminal.out(
      `${counted(counts.claims, 'claim')}${drafts}, ${counted(counts.sources, 'source')}: ${said}`,
    );
  }
  // what was judged as of another day, or of somebody's own claims, says nothing of this base today
  if (problems.length === 0 && base.isOwn && options.on === undefined) {
    const said = attestReview({ on: base.today, ...counts });
    if (said !== undefined) terminal.err(`evidence lint: ${said}`);
  }
  return problems.length > 0 ? EXIT.failed : EXIT.ok;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
