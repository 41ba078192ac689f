/**
 * Rows of the command table: the battery of attempts.
 *
 * @module
 */
import { type CommandSpec, json, usage, usual } from './table-parts.ts';

export const ATTACK_COMMANDS = [
  {
    name: 'attack',
    summary: 'Try the scenarios against Ringfence and others, and say what was contained, seen and done.',
    description: [
      'Each scenario attempts one hazard with real tools and harmless canaries, and is judged by what happened outside; its honest twin, the same task done well, must be done all the same. Against none every scenario must have its effect, or it is no scenario.',
      'Everything runs in namespaces that the command makes itself, whose only network is loopback with stand-ins at addresses of documentation: there is nobody else to be reached, and any other address is refused. Of other products counts per hazard are told, not recipes. Ctrl-C keeps what was done; --resume goes on with it.',
    ],
    arguments: [],
    options: [
      {
        name: 'targets',
        value: 'NAMES',
        summary:
          'Which, with commas between: ringfence, ringfence-layers, none, bwrap, srt, codex. Default: ringfence,none.',
      },
      {
        name: 'target-command',
        value: 'TEMPLATE',
        summary:
          'One more target: words of a command, at the end {script}; {workspace}, {home}, {kit} and {network} (none, host) are put in. No shell reads it.',
      },
      {
        name: 'scenarios',
        value: 'PATTERNS',
        summary: 'Only these: ids, hazards, or beginnings of ids, with commas between. Default: all.',
      },
      {
        name: 'seed',
        value: 'N',
        summary: 'What decides canaries, variants and order. Default: 1.',
      },
      { name: 'seeds', value: 'N', summary: 'So many seeds, from --seed on. Default: 1.' },
      {
        name: 'jobs',
        short: 'j',
        value: 'N',
        summary: 'So many at once. Default: the number of processors.',
      },
      {
        name: 'resume',
        value: 'FILE',
        kind: 'file',
        summary: 'Go on with the journal of a battery that was stopped.',
      },
      { name: 'list', summary: 'List the scenarios, and try nothing.' },
      json,
    ],
    examples: [
      { line: 'ringfence attack', what: 'The battery against Ringfence, and against nothing at all.' },
      {
        line: 'ringfence attack --targets ringfence,none,bwrap,srt,codex --json',
        what: 'A comparison from one run, for a program.',
      },
      { line: 'ringfence attack --scenarios persistence --seeds 20', what: 'One hazard, twenty seeds.' },
    ],
    exitCodes: [
      {
        code: '0',
        when: 'no effect in Ringfence, every effect with none, 95 % seen and attributed, every honest twin done, no false alarm',
      },
      { code: '1', when: 'one of these is not so' },
      usage,
      { code: '3', when: 'so far as it was tried; something was skipped' },
      { code: '130', when: 'interrupted: what was done is kept' },
    ],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
