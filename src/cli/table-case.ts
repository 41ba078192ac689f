/**
 * Rows of the command table: the safety case.
 *
 * @module
 */
import { type CommandSpec, contract, json, usage, usual } from './table-parts.ts';

export const CASE_COMMANDS = [
  {
    name: 'case',
    judges: true,
    summary: 'State the safety case of a contract on this machine, and say what it lacks.',
    description: [
      'Per hazard: what must hold, the argument for it (proved in the model, prevented by layers as a run read them back, seen by rules as attempts measured, or accepted in the contract with a reason), the evidence with digests and dates, what it rests on, and what is left. What is refuted or unknown is never called safe: it was contained and seen in every attempt that still counts, or somebody bears it.',
      'Evidence that is about another contract, plan, program, launcher, kernel, rule, scenario or claim than what is here now is stale, and named with the command that makes it again; --refresh runs those commands, attempts that were never made among them.',
    ],
    arguments: [
      { name: 'CONTRACT', kind: 'file', optional: true, summary: 'The contract; the same as --contract.' },
    ],
    options: [
      contract,
      json,
      {
        name: 'output',
        short: 'o',
        value: 'FILE',
        kind: 'file',
        summary: 'Write it as a page that needs no server, and print the verdict and what is red alone.',
      },
      {
        name: 'diff',
        value: 'OLD',
        kind: 'file',
        summary: 'What became red, green or another since OLD, which --json wrote.',
      },
      {
        name: 'hazard',
        value: 'NAME,...',
        summary: 'Print the arguments for these hazards, with evidence and what is left.',
      },
      {
        name: 'full',
        summary: 'Print the arguments for all of them, the evidence, and what it rests on.',
      },
      {
        name: 'refresh',
        summary: 'Run what makes red links fresh, and what was never tried; then state the case.',
      },
    ],
    examples: [
      { line: 'ringfence case', what: 'The case of the contract that holds here.' },
      {
        line: 'ringfence case --refresh --output case.html agent.yaml',
        what: 'Gather the evidence and write the page.',
      },
      {
        line: 'ringfence case --json > before.json',
        what: 'Keep it, to compare later: ringfence case --diff before.json',
      },
    ],
    exitCodes: [
      { code: '0', when: 'every hazard is supported, and every link is fresh' },
      { code: '1', when: 'a hazard has no support, or a link is stale' },
      usage,
      { code: '4', when: 'evidence was found that does not verify' },
    ],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
