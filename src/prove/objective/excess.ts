/**
 * What a contract gives beyond what is known to be needed, and what each of it leaves open.
 *
 * @module
 */
import { type Contract, HAZARD_NAMES, type Hazard } from '../../contract/index.ts';
import type { Catalogue } from '../catalogue/index.ts';
import { type Solution, solve } from '../logic/index.ts';
import { hazardFact, modelOf, undecidedFact } from '../model/index.ts';
import type { Verdict } from '../report/index.ts';
import { narrowed } from './narrowed.ts';
import { judge } from './needs.ts';
import type { Evidence, Excess, ExcessReport, Judged, Left } from './types.ts';

/** A contract, and what its model is made with. */
export interface ContractInput {
  readonly contract: Contract;
  readonly catalogue: Catalogue;
  readonly home?: string;
  readonly file?: string;
}

/**
 * What of a contract nothing that is known needs.
 *
 * @example
 * excessOf({ contract, catalogue }, { named: namedIn(contract), ecosystems: ['npm'], recorded: undefined })
 */
export function excessOf(input: ContractInput, evidence: Evidence): ExcessReport {
  const judged = judge(input.contract, evidence);
  const of = (need: Judged['need']) => judged.filter((each) => each.need === need);
  const before = stateOf(input);
  const without = (gone: readonly Judged[]) =>
    closedBetween(before, stateOf({ ...input, contract: narrowed(input.contract, gone) }));
  const excess = of('excess').map((each): Excess => ({ ...each, need: 'excess', leaves: without([each]) }));
  return {
    from: fromOf(evidence),
    excess,
    needed: of('needed'),
    unsaid: of('unsaid'),
    together: excess.length > 1 ? without(excess) : [],
    limits: limitsOf(evidence),
  };
}

type State = ReadonlyMap<Hazard, Verdict['verdict']>;

/** Verdicts without certificates: what is said to close is proved when the contract is changed, not here. */
function stateOf(input: ContractInput): State | undefined {
  const solved = solve(modelOf(input).world);
  if (!solved.ok) return undefined;
  return new Map(HAZARD_NAMES.map((hazard) => [hazard, wordOf(solved.solution, hazard)]));
}

function wordOf(solution: Solution, hazard: Hazard): Verdict['verdict'] {
  if (solution.has(hazardFact(hazard))) return 'REFUTED';
  return solution.has(undecidedFact(hazard)) ? 'UNKNOWN' : 'PROVED';
}

function closedBetween(before: State | undefined, after: State | undefined): Left[] {
  return HAZARD_NAMES.flatMap((hazard): Left[] => {
    const [was, verdict] = [before?.get(hazard), after?.get(hazard)];
    if (was === undefined || verdict === undefined || verdict === 'REFUTED' || was === verdict) return [];
    return [{ hazard, verdict }];
  });
}

function fromOf({ named, ecosystems, recorded }: Evidence): string[] {
  return [
    ...named.map(({ where }) => where),
    ...(ecosystems.length > 0 ? [`the project’s dependencies (${ecosystems.join(', ')})`] : []),
    ...(recorded === undefined ? [] : [`what run ${recorded.run} used`]),
  ];
}

function limitsOf({ named, recorded }: Evidence): string[] {
  return [
    ...(named.length === 0 ? ['the contract states no objective (objective.task, objective.success)'] : []),
    ...(recorded === undefined
      ? [
          'what the agent’s own program needs, its model among it, is known only of a run that was recorded: --recorded RUN',
        ]
      : ['what a run does on other days is not in this one']),
    ...(recorded?.differs ?? []).map((text) => `run ${recorded?.run} ${text}`),
    ...(recorded?.succeeded === false
      ? [`run ${recorded.run} did not succeed: what it lacked is not known`]
      : []),
    ...(recorded !== undefined && recorded.succeeded === undefined
      ? [`run ${recorded.run} was not graded: whether it did its work is not known`]
      : []),
    ...(recorded !== undefined && recorded.lost > 0
      ? [`${recorded.lost} events of run ${recorded.run} were lost`]
      : []),
    'which files are read, and which variables, no recording shows',
    'how much compute is needed is not judged: ringfence learn proposes limits',
  ];
}
