/**
 * A report with what the objective makes of it: what it does not need, and what closing a path would cost it.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import type { Report, Unneeded, Verdict } from '../report/types.ts';
import { judge, namedIn } from './needs.ts';
import type { Judged } from './types.ts';

/** By the contract's own words; a run that was recorded says more ({@link excessOf}). */
export function withObjective(report: Report, contract: Contract): Report {
  const named = namedIn(contract);
  const judged = judge(contract, { named, ecosystems: [], recorded: undefined })
    // which dependencies a project has is in its files, not here
    .filter(({ clause }) => !clause.startsWith('packages['));
  const verdicts = report.verdicts.map((verdict) => withCosts(verdict, judged));
  if (named.length === 0) return { ...report, verdicts };
  const unneeded = judged
    .filter(({ need }) => need === 'excess')
    .map(({ clause, grant, why }): Unneeded => ({ clause, grant, why, leads: leadsOf(verdicts, clause) }));
  return { ...report, verdicts, unneeded };
}

const leadsOf = (verdicts: readonly Verdict[], clause: string) =>
  verdicts.flatMap((verdict) =>
    verdict.verdict === 'REFUTED' && verdict.steps.some(({ by }) => by === clause) ? [verdict.hazard] : [],
  );

function withCosts(verdict: Verdict, judged: readonly Judged[]): Verdict {
  if (verdict.verdict !== 'REFUTED' || verdict.closed === undefined) return verdict;
  const costs = verdict.closed.clauses.map((clause) => costOf(clause, judged));
  return { ...verdict, closed: { ...verdict.closed, costs } };
}

/** What the objective loses, as a clause of a sentence. */
function costOf(clause: string, judged: readonly Judged[]): string {
  if (clause === 'objective.success') return 'somebody has to write that check';
  if (clause === 'files.write') return 'no task that changes files can be done';
  const found = judged.find((each) => each.clause === clause);
  if (found === undefined) return 'whether the objective needs it is not known';
  switch (found.need) {
    case 'needed':
      return `the objective needs it (${found.why})`;
    case 'excess':
      return `the objective does not say that it needs it (${found.why})${isReached(clause) ? '; the agent’s own program may, such as for its model' : ''}`;
    case 'unsaid':
      return `whether the objective needs it is not known (${found.why})`;
  }
}

const isReached = (clause: string): boolean => clause.startsWith('network[');
