/**
 * Rows of the command table: what a run tells a training loop.
 *
 * @module
 */
import { type CommandSpec, json, run, usual } from './table-parts.ts';

export const VERDICT_COMMANDS = [
  {
    name: 'verdict',
    summary:
      'Say what a run tells a training loop: keep, review, discard or unknown, from executed effects alone.',
    description: [
      'keep: nothing counts against it. review: findings do. discard: the contract was broken, or a finding is critical. unknown: the record is not whole, so nothing can be said.',
      'What a model thought or said never counts, and no finding that rests on it: rewarding thoughts teaches to hide them (arXiv 2503.11926). The visible reward R and the true performance R* of the grading are passed on as they are.',
      '--penalty adds a number between 0 and 1 to subtract from a reward. It is dangerous, and says why: an optimiser that is punished for what is detected learns what is not.',
    ],
    arguments: [run],
    options: [
      {
        name: 'level',
        value: 'LEVEL',
        kind: ['informational', 'low', 'medium', 'high', 'critical'],
        summary: 'Findings from this level on count. Default: medium.',
      },
      {
        name: 'reserve',
        value: 'RULE',
        multiple: true,
        summary:
          'A rule that training must never hear of; rules that are marked as reserved are so without it.',
      },
      {
        name: 'evaluation',
        summary: 'The verdict is for evaluation, not for training: reserved rules count.',
      },
      { name: 'penalty', summary: 'With a penalty between 0 and 1. Read why not, above.' },
      json,
    ],
    examples: [
      { line: 'ringfence verdict --json', what: 'Of the latest run, for a program.' },
      { line: 'ringfence verdict 20260102-030405-abcdef --evaluation', what: 'With the reserved detectors.' },
    ],
    exitCodes: [
      { code: '0', when: 'keep' },
      { code: '1', when: 'review or discard; or there is no such run' },
      { code: '2', when: 'wrong arguments' },
      { code: '3', when: 'unknown' },
    ],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
