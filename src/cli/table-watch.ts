/**
 * Rows of the command table: what runs are watched with, and what caused what.
 *
 * @module
 */
import { type CommandSpec, json, ok, run, usage, usual } from './table-parts.ts';

export const WATCH_COMMANDS = [
  {
    name: 'watch',
    summary:
      'Print what rules find in a run: while it goes on, or in an old one judged anew; or on a host that another sensor watches.',
    description: [
      'Without options the findings of a run are printed as they come, until it ends. With --replay its record is judged again, from its first event to its last, by the rules of this installation as they are now, or by those of --rules alone. Nothing of the record is changed.',
      'With --from the lines of another sensor are judged by the same rules: FILE, or standard input, holds what Linux Audit (audit.log, or LAUREL’s JSON) or Tetragon (JSON) wrote of a host that runs no cell. Each host or container is judged by itself. Nothing is stopped there: findings are printed.',
      'Each finding says what hazard it is, what shows it (the numbers of events), and what caused it: the turn of the model and the tool call, where they are known.',
    ],
    arguments: [
      {
        ...run,
        summary:
          'Id of a run, or its beginning. Default: the latest run. With --from: a file, or - (the default).',
      },
    ],
    options: [
      {
        name: 'from',
        value: 'SENSOR',
        kind: ['auditd', 'tetragon'],
        summary: 'Judge what this sensor wrote, instead of a run.',
      },
      { name: 'replay', summary: 'Judge the record of the run anew.' },
      {
        name: 'rules',
        value: 'DIR',
        kind: 'folder',
        multiple: true,
        summary:
          'With --replay or --from: judge by the Sigma rules of this folder, instead of those that come with Ringfence.',
      },
      json,
    ],
    examples: [
      { line: 'ringfence watch', what: 'Findings of the latest run, as they come.' },
      { line: 'ringfence watch --from tetragon events.json', what: 'Judge a host that runs no cell.' },
      { line: 'ringfence watch --replay 20261122 --rules ./rules', what: 'Try rules on an old run.' },
    ],
    exitCodes: [
      { code: '0', when: 'nothing of level high or critical was found' },
      { code: '1', when: 'something was, or could not be judged; or there is no such run' },
      usage,
    ],
    failure: usual,
  },
  {
    name: 'trace',
    summary: 'Show what caused an event, and what it led to.',
    description: [
      'From an event up: the process and those that started it, the tool call, the turn of the model. And down: from a turn its tool calls, from a call its programs, from a program its children, files and connections. Beside each join stands how it was made (span, gateway, command, ancestor) and how sure it is.',
    ],
    arguments: [
      {
        name: 'EVENT',
        summary:
          'Its number (the first column of ringfence log show), as NUMBER or RUN:NUMBER; or the id of a turn, a tool call or a flow.',
      },
      { ...run, summary: 'Id of a run, or its beginning. Default: the latest run.' },
    ],
    options: [json],
    examples: [{ line: 'ringfence trace 142', what: 'The chain behind event 142 of the latest run.' }],
    exitCodes: [ok, { code: '1', when: 'there is no such run or event' }, usage],
    failure: usual,
  },
  {
    name: 'report',
    summary: 'Write one page about a run: timeline, processes, flows, findings, changes, grade.',
    description: [
      'The page is one HTML file for a browser. It needs no server and loads nothing, opens runs of 100,000 events at once, works by keyboard, and reads without its script. Findings lead to the events that show them. What came from the run stands in it as text, whatever it holds.',
      'The record is verified while the page is made, and the page says what came out. Secrets stay redacted, contents of changed files stay out, and what was said to models, tools and people is in it only with --transcripts. The file is for you alone (mode 0600).',
    ],
    arguments: [run],
    options: [
      {
        name: 'output',
        short: 'o',
        value: 'FILE',
        kind: 'file',
        summary: 'Where to. Default: ringfence-report-RUN.html in this folder.',
      },
      {
        name: 'transcripts',
        summary: 'Include what was said to models, tools and people, and by them. Default: not in the page.',
      },
    ],
    examples: [
      { line: 'ringfence report', what: 'The page of the latest run.' },
      { line: 'ringfence report 20261122 --output run.html', what: 'The page of another, by name.' },
    ],
    exitCodes: [
      ok,
      { code: '1', when: 'there is no such run, its record is broken, or the file cannot be written' },
      usage,
    ],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
