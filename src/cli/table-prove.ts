/**
 * The command that proves: a part of the command table.
 *
 * @module
 */
import { type CommandSpec, contract, json } from './table-parts.ts';

export const PROVE_COMMANDS = [
  {
    name: 'prove',
    summary: 'Prove what an agent could do inside a contract, hazard by hazard, without running it.',
    description: [
      'For each hazard that the contract names under never (all, if it does not say): PROVED, with what the proof rests on, if it cannot happen in the model; REFUTED, with the shortest path from lines of the contract to it, and the smallest change that closes it; UNKNOWN where the model has no rule that could decide.',
      'Proofs are certificates that a separate checker has accepted. What no proof covers is printed with every proof.',
    ],
    arguments: [
      { name: 'FILE', kind: 'file', optional: true, summary: 'The contract; the same as --contract.' },
    ],
    options: [contract, json],
    examples: [
      { line: 'ringfence prove', what: 'Prove the contract that run would use here.' },
      { line: 'ringfence prove --json agent.yaml', what: 'The same for a program, with the certificate.' },
    ],
    exitCodes: [
      { code: '0', when: 'every hazard that the contract names is proved' },
      { code: '1', when: 'one is refuted' },
      { code: '2', when: 'the contract is invalid, or cannot be read' },
      { code: '3', when: 'none is refuted, but of one nothing is known' },
    ],
    failure: { usage: 2, other: 2 },
  },
] as const satisfies readonly CommandSpec[];
