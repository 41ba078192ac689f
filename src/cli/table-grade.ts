/**
 * Rows of the command table: whether what a run did is what was wanted.
 *
 * @module
 */
import { type CommandSpec, json, run, usual } from './table-parts.ts';

export const GRADE_COMMANDS = [
  {
    name: 'grade',
    summary:
      'Grade the result of a run: as it was left, with the protected files restored, by the hidden check.',
    description: [
      'objective.success runs in a fresh cell over the result, without network and secrets unless the contract gives graders some. Nothing that a grader writes is kept. R is what success says of the result as left; R* what the hidden check says, or success with the protected files restored; C how often the run broke the contract.',
      'A run is graded when it ends; this grades it again, or shows what is on record.',
    ],
    arguments: [run],
    options: [
      {
        name: 'contract',
        short: 'c',
        value: 'FILE',
        kind: 'file',
        summary: 'The contract to grade with. Default: the run’s own.',
      },
      {
        name: 'show',
        summary: 'Show the grade that is on record, with the diff behind a finding; run nothing.',
      },
      json,
    ],
    examples: [
      { line: 'ringfence grade', what: 'Grade the latest run again.' },
      { line: 'ringfence grade --show', what: 'What its grading found, with the diff.' },
    ],
    exitCodes: [
      { code: '0', when: 'true success (R* = 1), and nothing was found' },
      { code: '1', when: 'no true success, no verdict, or a finding; or there is no such run' },
      { code: '2', when: 'wrong arguments, or it cannot be graded' },
    ],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
