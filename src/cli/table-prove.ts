/**
 * The commands that prove: a part of the command table.
 *
 * @module
 */
import { type CommandSpec, contract, json, ok, usage, usual } from './table-parts.ts';

/** Whose configuration `prove --from` reads. */
const KINDS = ['docker', 'compose', 'k8s', 'srt', 'codex'] as const;
/** What `prove --format` writes. */
const FORMATS = ['text', 'json', 'sarif', 'graph', 'dot'] as const;

export const PROVE_COMMANDS = [
  {
    name: 'prove',
    summary: 'Prove what an agent could do inside a contract, hazard by hazard, without running it.',
    description: [
      'For each hazard that the contract names under never (all, if it does not say): PROVED, with what the proof rests on, if it cannot happen in the model; REFUTED, with the shortest path from lines of the contract to it, and the smallest change that closes it; UNKNOWN where the model has no rule that could decide.',
      'Proofs are certificates that a separate checker has accepted. What no proof covers is printed with every proof.',
    ],
    arguments: [
      {
        name: 'FILE',
        kind: 'file',
        optional: true,
        summary:
          'The contract; the same as --contract. With --from the other’s file, or - for standard input.',
      },
    ],
    options: [
      contract,
      {
        name: 'from',
        value: 'KIND',
        kind: KINDS,
        summary: 'FILE is no contract but another sandbox’s configuration of this kind.',
      },
      {
        name: 'service',
        value: 'NAME',
        kind: 'text',
        summary: 'With --from: of several containers of FILE, this one alone.',
      },
      {
        name: 'loaded',
        summary: 'Prove, too, what a run would load here: the filter, the plan, what the gateway is told.',
      },
      {
        name: 'replay',
        summary: 'Run each path that is found in a cell of its own, and say whether it works.',
      },
      {
        name: 'diff',
        value: 'OLD',
        kind: 'file',
        summary:
          'Only what FILE opens or closes against this older contract: a file, a revision of git, or REVISION:PATH.',
      },
      {
        name: 'max',
        value: 'FILE',
        kind: 'file',
        summary: 'Prove that the contract gives no more than this maximum of your organisation does.',
      },
      {
        name: 'recorded',
        value: 'RUN',
        kind: 'run',
        summary: 'What this run used counts as needed; the rest is excess.',
      },
      {
        name: 'certificate',
        value: 'FOLDER',
        kind: 'folder',
        summary:
          'Write the proof to this folder, too, for the separate checker: world.json, certificate.json.',
      },
      {
        name: 'format',
        value: 'FORMAT',
        kind: FORMATS,
        summary: 'What to write: sarif for code scanning, graph as JSON, dot for Graphviz. Default: text.',
      },
      { ...json, summary: 'The same as --format json.' },
    ],
    examples: [
      { line: 'ringfence prove', what: 'Prove the contract that run would use here.' },
      {
        line: 'ringfence prove --from compose compose.yaml --service agent',
        what: 'What another sandbox’s file leaves open.',
      },
      { line: 'ringfence prove --diff main', what: 'What this branch’s contract opens and closes.' },
      { line: 'ringfence prove --max maximum.yaml', what: 'Whether it stays within what is allowed.' },
      { line: 'ringfence prove --json agent.yaml', what: 'The same for a program, with the certificate.' },
    ],
    exitCodes: [
      {
        code: '0',
        when: 'every hazard that the contract names is proved; --diff: nothing is opened; --max: it is contained; --recorded: no excess is known',
      },
      { code: '1', when: 'one is refuted; something is opened, beyond the maximum, or excess' },
      { code: '2', when: 'the contract is invalid, or it or what it is held against cannot be read' },
      { code: '3', when: 'none is refuted, opened or beyond, but of one nothing is known' },
    ],
    failure: { usage: 2, other: 2 },
  },
  {
    name: 'explain',
    summary: 'Explain a hazard, a rule of the model or an entry of the catalogue.',
    description: [
      'What it is, what leads to it and from it, where that is documented, what closes it, and what no proof of it covers. Names are those that prove prints; without one, all are listed.',
    ],
    arguments: [
      {
        name: 'NAME',
        optional: true,
        summary: 'A hazard, or the id of a rule or entry: exfiltration, git.hook.',
      },
    ],
    options: [json],
    examples: [
      { line: 'ringfence explain', what: 'List everything that can be explained.' },
      {
        line: 'ringfence explain exfiltration',
        what: 'What it is, by which rules it can happen, what closes it.',
      },
    ],
    exitCodes: [ok, { code: '1', when: 'nothing has that name' }, usage],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
