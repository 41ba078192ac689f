/**
 * The command table: the one place where commands, arguments, options, examples and exit codes are written down.
 * Parsing, `--help`, completion and the man page are made from it.
 *
 * @module
 */

import { ATTACK_COMMANDS } from './table-attack.ts';
import { CASE_COMMANDS } from './table-case.ts';
import { EVIDENCE_COMMANDS } from './table-evidence.ts';
import { GRADE_COMMANDS } from './table-grade.ts';
import { OVERSIGHT_COMMANDS } from './table-oversight.ts';
import {
  type CommandSpec,
  contract,
  json,
  type OptionSpec,
  ok,
  run,
  tty,
  usage,
  usual,
} from './table-parts.ts';
import { PROVE_COMMANDS } from './table-prove.ts';
import { REVIEW_COMMANDS } from './table-review.ts';
import { RULES_COMMANDS } from './table-rules.ts';
import { TOOLS_COMMANDS } from './table-tools.ts';
import { VERDICT_COMMANDS } from './table-verdict.ts';
import { WATCH_COMMANDS } from './table-watch.ts';

export type { ArgumentSpec, CommandSpec, OptionSpec, ValueKind } from './table-parts.ts';

const filters = [
  { name: 'kind', value: 'KIND', multiple: true, summary: 'Only events of this kind: denial, flow.open, …' },
  { name: 'denied', summary: 'Only what was refused or broke the contract.' },
  { name: 'pid', value: 'PID', summary: 'Only events that this process caused.' },
  { name: 'flow', value: 'FLOW', summary: 'Only events of this flow.' },
  { name: 'since', value: 'TIME', summary: 'Only from this time on: RFC 3339, or how long ago (10m).' },
  { name: 'until', value: 'TIME', summary: 'Only before this time.' },
  { name: 'text', value: 'TEXT', summary: 'Only events in whose line this occurs.' },
  { name: 'limit', short: 'n', value: 'N', summary: 'At most this many, the first ones.' },
] as const;

/** First word of commands of two words → what they have in common. */
export const GROUPS: Readonly<Record<string, string>> = {
  evidence: 'Claims about what AI systems do, with sources, objections and derived status.',
  log: 'Read and check the record of a run.',
  rules: 'Check, list and test the rules that runs are watched with.',
  tools: 'List and pin the tools of MCP servers.',
};

/** Options that every command has. */
export const GLOBAL_OPTIONS = [
  { name: 'no-color', summary: 'No colour. NO_COLOR and FORCE_COLOR are respected too.' },
  { name: 'no-input', summary: 'Never ask anything; what would be asked is refused.' },
  { name: 'verbose', summary: 'With errors, show where in the program they arose.' },
] as const satisfies readonly OptionSpec[];

export const COMMANDS = [
  {
    name: 'run',
    summary: 'Run a program inside a contract.',
    description: [
      'The program runs in a cell: it sees and reaches what the contract names, and nothing else. Its workspace is an overlay, so the original does not change. What it does is recorded; what is refused is listed at the end.',
      'Everything after the first word that is not an option, or after --, is the program and its arguments. Standard input, output and error, signals and the exit code are those of the program.',
    ],
    arguments: [
      { name: 'COMMAND', summary: 'The program.' },
      { name: 'ARG', optional: true, rest: true, summary: 'Its arguments.' },
    ],
    options: [
      contract,
      {
        name: 'json',
        value: 'FILE',
        kind: 'file',
        summary:
          'Write the record of the run to this file as JSON; with --dry-run the plan (- for standard output).',
      },
      {
        name: 'dry-run',
        summary:
          'Show what would be mounted, allowed, limited and started. Nothing runs, and nothing stays behind.',
      },
      { name: 'name', value: 'NAME', summary: 'Name of the run in lists. Default: the contract’s name.' },
      { name: 'quiet', short: 'q', summary: 'No status line and no summary; only errors.' },
      { name: 'no-grade', summary: 'Do not run objective.success over the result.' },
      {
        name: 'require-grade',
        summary: 'Exit with 121 where the grading does not show true success (R* = 1).',
      },
      ...tty,
    ],
    passThrough: true,
    examples: [
      { line: 'ringfence run -- npm test', what: 'Run the tests inside ringfence.yaml.' },
      {
        line: 'ringfence run --contract agent.yaml -- my-agent --task fix',
        what: 'Run an agent inside agent.yaml.',
      },
    ],
    exitCodes: [
      {
        code: 'the program’s',
        when: 'it ran and ended by itself (128 + the number of the signal it died of)',
      },
      { code: '121', when: 'with --require-grade: the grading does not show that it succeeded' },
      { code: '122', when: 'stopped because the contract was violated' },
      { code: '123', when: 'what was to be loaded is not proved to be what the contract says; nothing ran' },
      { code: '124', when: 'a budget or limit ran out' },
      { code: '125', when: 'Ringfence could not contain it; nothing ran' },
      { code: '126', when: 'the program could not be executed' },
      { code: '127', when: 'the program was not found' },
    ],
    failure: { usage: 125, other: 125 },
  },
  {
    name: 'exec',
    summary: 'Run one more program in a cell that is running.',
    description: [
      'A second shell, for instance: it sees the files and processes of the run, is confined as its program is, and counts against the same limits. It is recorded. Where the run ends, it ends.',
      'Without RUN the one run that is going on is meant.',
    ],
    arguments: [
      {
        name: 'RUN',
        kind: 'run',
        summary: 'Id of a run, or its beginning, and then --; or, after -- alone, the program.',
      },
      { name: 'COMMAND', optional: true, rest: true, summary: 'The program and its arguments.' },
    ],
    options: [...tty],
    passThrough: true,
    examples: [
      { line: 'ringfence exec -- sh', what: 'A shell in the run that is going on.' },
      { line: 'ringfence exec 20261121 -- ps aux', what: 'What runs in the run whose id begins so.' },
    ],
    exitCodes: [
      { code: 'the program’s', when: 'it ran (128 + the number of the signal it died of)' },
      { code: '125', when: 'it could not be started in that run' },
      { code: '126', when: 'the program could not be executed' },
      { code: '127', when: 'the program was not found' },
    ],
    failure: { usage: 125, other: 125 },
  },
  {
    name: 'check',
    judges: true,
    summary: 'Validate a contract and explain it in plain words.',
    description: [
      'Says what the agent may do, what it may not do, and from which lines that follows; which limits the kernel enforces and which are supervised; and, per hazard, what prevents or detects it.',
    ],
    arguments: [
      { name: 'FILE', kind: 'file', optional: true, summary: 'The contract; the same as --contract.' },
    ],
    options: [
      contract,
      { name: 'quiet', short: 'q', summary: 'Only errors and remarks.' },
      {
        name: 'objective',
        summary: 'Attack the objective: grade solutions that are none, and say which pass for success.',
      },
      { name: 'feasible', summary: 'Apply objective.feasible in a cell and grade it.' },
      json,
    ],
    examples: [
      { line: 'ringfence check --objective', what: 'Would a cheat pass for success?' },
      { line: 'ringfence check', what: 'Explain the contract that run would use here.' },
      { line: 'ringfence check --json agent.yaml', what: 'The same for a program.' },
    ],
    exitCodes: [
      { code: '0', when: 'the contract is valid' },
      {
        code: '1',
        when: 'it is valid, but something in it is worth a second look; an attack on the objective passes; or the solution does not',
      },
      { code: '2', when: 'it is invalid, or cannot be read' },
    ],
    failure: { usage: 2, other: 2 },
  },
  ...PROVE_COMMANDS,
  ...ATTACK_COMMANDS,
  ...CASE_COMMANDS,
  {
    name: 'init',
    summary: 'Write a contract for the project that it stands in.',
    description: [
      'Looks what kind of project it is (Node, Python, Go, Rust or plain), finds its test command and hides what looks like a secret. A contract that is there already is never overwritten.',
    ],
    arguments: [
      {
        name: 'FOLDER',
        kind: 'folder',
        optional: true,
        summary: 'The project. Default: the current folder.',
      },
    ],
    options: [{ name: 'print', summary: 'Print the contract instead of writing ringfence.yaml.' }],
    examples: [{ line: 'ringfence init --print', what: 'Show what it would write.' }],
    exitCodes: [ok, { code: '1', when: 'there is a contract already, or it cannot be written' }, usage],
    failure: usual,
  },
  {
    name: 'schema',
    summary: 'Print the JSON Schema of contracts, for editors.',
    arguments: [],
    options: [
      {
        name: 'draft',
        value: 'DRAFT',
        kind: ['7', '2020-12'],
        summary: 'Version of JSON Schema: 7 (yaml-language-server) or 2020-12. Default: 2020-12.',
      },
    ],
    examples: [
      { line: 'ringfence schema --draft 7 > ringfence.schema.json', what: 'For yaml-language-server.' },
    ],
    exitCodes: [ok, usage],
    failure: usual,
  },
  {
    name: 'runs',
    summary: 'List runs, latest first.',
    arguments: [],
    options: [json, { name: 'limit', short: 'n', value: 'N', summary: 'At most this many. Default: 20.' }],
    examples: [{ line: 'ringfence runs -n 5', what: 'The last five.' }],
    exitCodes: [ok, usage],
    failure: usual,
  },
  {
    name: 'ps',
    summary: 'List the runs that are going on, with their processes.',
    arguments: [],
    options: [json],
    examples: [{ line: 'ringfence ps', what: 'What runs now.' }],
    exitCodes: [ok, usage],
    failure: usual,
  },
  {
    name: 'stop',
    summary: 'Stop runs.',
    arguments: [
      { name: 'RUN', kind: 'run', optional: true, rest: true, summary: 'Ids of runs, or their beginnings.' },
    ],
    options: [
      { name: 'all', summary: 'All of them.' },
      { name: 'kill', summary: 'At once, without asking the program to end first.' },
    ],
    examples: [{ line: 'ringfence stop --all', what: 'Stop everything.' }],
    exitCodes: [ok, { code: '1', when: 'no such run is going on' }, usage],
    failure: usual,
  },
  {
    name: 'freeze',
    summary: 'Stop all processes of runs where they are, until thaw.',
    arguments: [
      { name: 'RUN', kind: 'run', optional: true, rest: true, summary: 'Ids of runs, or their beginnings.' },
    ],
    options: [{ name: 'all', summary: 'All of them.' }],
    examples: [{ line: 'ringfence freeze --all', what: 'Hold everything, to look.' }],
    exitCodes: [ok, { code: '1', when: 'no such run is going on' }, usage],
    failure: usual,
  },
  {
    name: 'thaw',
    summary: 'Let frozen runs go on.',
    arguments: [
      { name: 'RUN', kind: 'run', optional: true, rest: true, summary: 'Ids of runs, or their beginnings.' },
    ],
    options: [{ name: 'all', summary: 'All of them.' }],
    examples: [{ line: 'ringfence thaw --all', what: 'Let everything go on.' }],
    exitCodes: [ok, { code: '1', when: 'no such run is going on' }, usage],
    failure: usual,
  },
  ...REVIEW_COMMANDS,
  {
    name: 'why',
    summary: 'Say which contract line or layer is behind a denial, and what would allow it.',
    description: ['RUN lists the denials of a run; RUN:N explains its event number N.'],
    arguments: [{ name: 'RUN|EVENT', kind: 'run', optional: true, summary: 'Default: the latest run.' }],
    options: [json],
    examples: [{ line: 'ringfence why', what: 'Everything that was denied in the latest run.' }],
    exitCodes: [ok, { code: '1', when: 'there is no such run or event' }, usage],
    failure: usual,
  },
  ...OVERSIGHT_COMMANDS,
  ...WATCH_COMMANDS,
  ...RULES_COMMANDS,
  ...TOOLS_COMMANDS,
  {
    name: 'doctor',
    summary: 'Say which layers of isolation this machine gives, and how to mend what is missing.',
    arguments: [],
    options: [json],
    examples: [{ line: 'ringfence doctor', what: 'Look at this machine.' }],
    exitCodes: [
      { code: '0', when: 'everything is there' },
      { code: '1', when: 'something is missing' },
      usage,
    ],
    failure: usual,
  },
  {
    name: 'log show',
    summary: 'Print the events of a run.',
    arguments: [run],
    options: [...filters, json],
    examples: [{ line: 'ringfence log show --denied', what: 'What the latest run was denied.' }],
    exitCodes: [ok, { code: '1', when: 'there is no such run' }, usage],
    failure: usual,
  },
  {
    name: 'log follow',
    summary: 'Print the events of a run as they happen.',
    arguments: [run],
    options: [...filters, json],
    examples: [{ line: 'ringfence log follow --json', what: 'Events as JSON lines.' }],
    exitCodes: [ok, { code: '1', when: 'there is no such run' }, usage],
    failure: usual,
  },
  {
    name: 'log verify',
    judges: true,
    summary: 'Check that the record of a run is whole and unaltered.',
    arguments: [run],
    options: [
      {
        name: 'key',
        value: 'FILE',
        kind: 'file',
        summary: 'The public key to check with. Default: this installation’s.',
      },
      json,
    ],
    examples: [{ line: 'ringfence log verify', what: 'Check the latest run.' }],
    exitCodes: [
      { code: '0', when: 'the record is whole' },
      { code: '1', when: 'it is not; the place is named' },
      usage,
    ],
    failure: usual,
  },
  {
    name: 'log export',
    summary: 'Write the events of a run in a format for other programs.',
    arguments: [run],
    options: [
      ...filters,
      {
        name: 'format',
        value: 'FORMAT',
        kind: ['jsonl', 'csv', 'ocsf', 'otlp', 'sarif'],
        summary:
          'jsonl (default), csv, ocsf (Open Cybersecurity Schema Framework), otlp (OpenTelemetry, as OTLP files), or sarif (what went wrong, for code scanning).',
      },
      {
        name: 'to',
        value: 'URL',
        summary:
          'Post it there: otlp to a collector’s /v1/logs and /v1/traces, the rest as a webhook. RINGFENCE_EXPORT_HEADERS holds further headers, RINGFENCE_EXPORT_KEY signs.',
      },
      {
        name: 'transcripts',
        summary:
          'With what was said to models, tools and people, and by them. It is left out otherwise; a finding may still quote a few words.',
      },
      { name: 'output', short: 'o', value: 'FILE', kind: 'file', summary: 'Default: standard output.' },
    ],
    examples: [
      { line: 'ringfence log export --format csv -o events.csv', what: 'For a spreadsheet.' },
      {
        line: 'ringfence log export --format otlp --to https://collector.example.com:4318',
        what: 'To an OpenTelemetry collector.',
      },
    ],
    exitCodes: [
      ok,
      { code: '1', when: 'there is no such run, or it cannot be written' },
      usage,
      { code: '6', when: 'the receiver did not take it' },
    ],
    failure: usual,
  },
  {
    name: 'log erase',
    summary: 'Erase what was said to models and by them; the record stays, and verifies as before.',
    description: [
      'What is said in model calls lies encrypted in the record, with a key of the run’s own beside it. This forgets the key. That there were calls, when, by whom, how long and at what cost stays.',
    ],
    arguments: [run],
    options: [],
    examples: [{ line: 'ringfence log erase', what: 'Forget what was said in the latest run.' }],
    exitCodes: [ok, { code: '1', when: 'there is no such run, or it is going on' }, usage],
    failure: usual,
  },
  {
    name: 'log prune',
    summary: 'Remove the oldest events of a run; what stays can still be verified.',
    description: [
      'Removes whole segments from the front. The hash and the signed checkpoint of what went stay behind as an anchor, and log verify says how much is gone. Without an option nothing is removed.',
    ],
    arguments: [run],
    options: [
      { name: 'keep', value: 'SIZE', summary: 'Keep at least the newest segments of this size (64MiB).' },
      {
        name: 'before',
        value: 'TIME',
        summary: 'Remove only what is older: RFC 3339, or a duration back (30d).',
      },
    ],
    examples: [{ line: 'ringfence log prune --before 30d', what: 'Drop what is older than a month.' }],
    exitCodes: [
      ok,
      { code: '1', when: 'there is no such run, it is going on, or its record is broken' },
      usage,
    ],
    failure: usual,
  },
  {
    name: 'completion',
    summary: 'Print a completion script for a shell.',
    arguments: [{ name: 'SHELL', kind: ['bash', 'zsh', 'fish'], summary: 'bash, zsh or fish.' }],
    options: [],
    examples: [{ line: '. <(ringfence completion bash)', what: 'Completion in this shell.' }],
    exitCodes: [ok, usage],
    failure: usual,
  },
  ...EVIDENCE_COMMANDS,
  ...GRADE_COMMANDS,
  ...VERDICT_COMMANDS,
  {
    name: 'man',
    summary: 'Print the manual page, in roff.',
    arguments: [],
    options: [],
    examples: [{ line: 'ringfence man | man -l -', what: 'Read it.' }],
    exitCodes: [ok, usage],
    failure: usual,
  },
  {
    name: 'version',
    summary: 'Print the version of Ringfence.',
    arguments: [],
    options: [json],
    examples: [{ line: 'ringfence version --json', what: 'With the versions of what it runs on.' }],
    exitCodes: [ok, usage],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
