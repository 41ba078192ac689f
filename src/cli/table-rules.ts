/**
 * Rows of the command table: rules as data.
 *
 * @module
 */
import { type CommandSpec, json, ok, usage, usual } from './table-parts.ts';

const paths = {
  name: 'PATH',
  kind: 'folder',
  optional: true,
  rest: true,
  summary: 'Rule files, or folders of them at any depth. Default: the rules that come with Ringfence.',
} as const;

export const RULES_COMMANDS = [
  {
    name: 'rules check',
    judges: true,
    summary: 'Check Sigma rules, and say what they need that is not recorded here.',
    description: [
      'Rules are read and linked as a run would do it: detections, correlations and filters of the Sigma specification 2.1. What cannot be used is said with file, line, column and what to write instead. A rule that names a log source or a field that Ringfence does not record is valid; that part of it never matches, and is listed.',
    ],
    arguments: [paths],
    options: [json],
    examples: [{ line: 'ringfence rules check ./sigma/rules/linux', what: 'What of them can be used here.' }],
    exitCodes: [
      { code: '0', when: 'all rules can be used, and all that they need is recorded' },
      { code: '1', when: 'one cannot be used' },
      { code: '2', when: 'wrong arguments, or nothing to read' },
      { code: '3', when: 'all can be used, but one needs what is not recorded' },
    ],
    failure: { usage: 2, other: 2 },
  },
  {
    name: 'rules list',
    summary: 'List rules: hazard, level, techniques, and what each does not see.',
    arguments: [paths],
    options: [json],
    examples: [{ line: 'ringfence rules list', what: 'What runs are watched with.' }],
    exitCodes: [ok, { code: '1', when: 'a rule cannot be used' }, usage],
    failure: usual,
  },
  {
    name: 'rules test',
    judges: true,
    summary: 'Run the examples of rules: what each must find, and what it must leave alone.',
    description: [
      'Examples stand in the rule, below ringfence.examples. A rule without a true and a false one is counted as untested.',
    ],
    arguments: [paths],
    options: [json],
    examples: [{ line: 'ringfence rules test ./rules', what: 'Whether they do what they say.' }],
    exitCodes: [
      { code: '0', when: 'every example is judged as it says' },
      { code: '1', when: 'one is not, or a rule cannot be used' },
      usage,
    ],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
