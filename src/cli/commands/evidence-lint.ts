/**
 * `ringfence evidence lint`.
 *
 * @module
 */
import { loadScenarios } from '../../attack/index.ts';
import { formatProblem, type Problem } from '../../contract/index.ts';
import { lintEvidence } from '../../evidence/lint/index.ts';
import type { Invocation } from '../command.ts';
import { type Base, openBase } from '../evidence/base.ts';
import { coverageFile, readCoverage } from '../evidence/coverage.ts';
import { attestReview } from '../evidence/review.ts';
import { readWorld } from '../evidence/world.ts';
import { EXIT } from '../exit-codes.ts';
import { installation } from '../installation.ts';

export function run({ options, terminal }: Invocation<'evidence lint'>): number {
  const base = openBase(options);
  const problems = [
    ...lintEvidence(base.evidence, readWorld(base.folder, base.today), base.isOwn || options.complete),
    ...linkProblems(base),
  ];
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

/** What links to claims, or is about them: the scenarios that come with this installation, and the coverage that lies beside claims. */
function linkProblems({ folder, isOwn }: Base): Problem[] {
  const scenarios = isOwn ? loadScenarios(installation().root) : undefined;
  const file = coverageFile(folder);
  const broken: Problem = {
    ...{ file, line: 1, column: 1, path: '' },
    message: 'not the coverage of a battery',
    hint: 'Write it anew: ringfence evidence coverage --write; or remove it.',
  };
  return [
    ...(scenarios?.ok === false ? scenarios.problems : []),
    ...(readCoverage(folder) === 'broken' ? [broken] : []),
  ];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
