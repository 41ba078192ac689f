/**
 * A plan gives no more than its contract: everything that it would make, held against everything that was asked for.
 *
 * @module
 */
import type { Plan } from '../../../contract/index.ts';
import {
  commandBreaches,
  formBreaches,
  identityBreaches,
  limitBreaches,
  networkBreaches,
  Operations,
  supervisionBreaches,
} from './confinement.ts';
import { environmentBreaches } from './environment.ts';
import { pinBreaches } from './pins.ts';
import { landlockBreaches, mountWrites } from './rights.ts';
import { shownBreaches, workspaceOf } from './shown.ts';
import { type Breach, type CellFacts, type PlanVerdict, PROMISES, type Promised } from './types.ts';
import { readView } from './view.ts';

/** Those about files that only a view makes. */
const ALL = Object.keys(PROMISES) as Promised[];

/** The plan of a cell in the full isolation. Looks at names, links, modes and owners of the host, and at small files of /etc. */
export function proveCellPlan(plan: Plan, facts: CellFacts): PlanVerdict {
  const workspace = workspaceOf(facts);
  if (workspace === undefined)
    return refuted([{ promise: 'own', says: 'the workspace is not there', clause: 'files.workspace' }]);
  const form = formBreaches(plan);
  if (form.length > 0) return refuted(form);
  const operations = new Operations(plan);
  const view = readView(plan);
  return verdict([
    ...view.breaches,
    ...identityBreaches(operations, 'cell', facts.run, facts.host, facts.unprivileged),
    ...shownBreaches(view, facts, workspace),
    ...mountWrites(view, facts, workspace),
    ...landlockBreaches(plan, view, facts, workspace),
    ...filterBreaches(operations),
    ...limitBreaches(operations, facts),
    ...environmentBreaches(plan, facts),
    ...networkBreaches(operations, facts.contract, 'cell'),
    ...pinBreaches(plan, facts.contract),
    ...supervisionBreaches(operations, facts),
    ...commandBreaches(operations, facts, workspace),
  ]);
}

/** That there is a filter at all; what it does is another proof. */
export function filterBreaches(operations: Operations): Breach[] {
  const filter = operations.first('seccomp');
  if (filter && /^(?:[0-9a-f]{16})+$/.test(filter.op[1])) return [];
  return [
    {
      promise: 'filter',
      says: 'system calls are not filtered',
      ...(filter && { operation: filter.operation }),
    },
  ];
}

const refuted = (breaches: readonly Breach[]): PlanVerdict => ({ verdict: 'refuted', breaches });

/** Proved where nothing exceeds the contract. */
export const verdict = (breaches: readonly Breach[], promises: readonly Promised[] = ALL): PlanVerdict =>
  breaches.length > 0 ? refuted(breaches) : { verdict: 'proved', promises };

/** A breach as one line: the promise, how it would be broken, and the operation that would break it. */
export function breachText({ promise, says, operation, clause }: Breach, plan: Plan): string {
  const op = operation === undefined ? undefined : plan[operation];
  const where = op ? ` (operation ${operation}: ${op.slice(0, 5).join(' ').slice(0, 160)})` : '';
  return `${PROMISES[promise]}: ${says}${where}${clause === undefined ? '' : `; the contract says so under ${clause}`}`;
}
