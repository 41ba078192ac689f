/**
 * Whether anything shows that the objective can be met inside the contract. Objectives that cannot be met are where agents begin to
 * look for other ways: one without evidence is worth saying, whatever is proved.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import type { Finding } from '../report/types.ts';

/** What shows it. */
export interface Shown {
  /** In words: `a known solution, graded on 2026-11-21`, `run 2026…, which succeeded`. */
  readonly by: string;
}

/** What is to be said of the objective; empty where there is none, or evidence for it. */
export function feasibilityFindings({ objective }: Contract, shown: Shown | undefined): Finding[] {
  const { task, success, feasible } = objective;
  if ((task === undefined && success === undefined) || shown !== undefined) return [];
  if (success === undefined)
    return [
      {
        id: 'objective.undecided',
        text: 'nothing says how success is decided, so nothing can show that the task can be done inside this contract',
        clause: 'objective.task',
        fix: 'add objective.success: { run: COMMAND, protect: […] }',
      },
    ];
  return [
    {
      id: 'objective.unshown',
      text: 'nothing that is known on this machine shows that the task can be done inside this contract; an agent that finds no way within it may look for one around it',
      clause: feasible === undefined ? 'objective.success' : 'objective.feasible',
      fix:
        feasible === undefined
          ? 'write objective.feasible: { by: SOLUTION.patch } and run ringfence check --feasible; a run that is graded as successful shows it, too'
          : 'run ringfence check --feasible; a run that is graded as successful shows it, too',
    },
  ];
}
