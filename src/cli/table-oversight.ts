/**
 * Rows of the command table: questions of a run, their answers, and contracts that are learnt.
 *
 * @module
 */
import { type CommandSpec, json, ok, run, usage, usual } from './table-parts.ts';

export const OVERSIGHT_COMMANDS = [
  {
    name: 'questions',
    summary: 'List what runs ask their operator, with who asks and what a yes would open.',
    description: [
      'A run asks where its contract says oversight: { approve: [network.new-host] }. What is not answered within oversight.patience is denied once. With oversight: { on: { finding: { critical: ask } } } it asks, frozen, whether it may go on with what a rule found; no, or no answer, ends it. A run asks oversight.questions times in all.',
      'With --serve it answers programs instead, over HTTP on loopback or a Unix socket, until Ctrl-C: GET /v1/questions lists what is asked; POST /v1/questions/RUN/N answers, with {"digest": "…", "allow": true, "scope": "once"}, scope "run", or "for": "10m". Each request carries the token that is printed at the start: Authorization: Bearer TOKEN.',
    ],
    arguments: [{ ...run, summary: 'Id of a run, or its beginning. Default: all that are going on.' }],
    options: [
      json,
      {
        name: 'serve',
        summary: 'Answer programs over HTTP until Ctrl-C, with a token that is printed once.',
      },
      {
        name: 'at',
        value: 'ADDRESS',
        summary:
          'Where --serve listens: 127.0.0.1:PORT, [::1]:PORT, or the path of a socket. Default: any port.',
      },
    ],
    examples: [
      { line: 'ringfence questions', what: 'What is asked now.' },
      { line: 'ringfence questions --serve --at 127.0.0.1:7070', what: 'Let a program of yours answer.' },
    ],
    exitCodes: [ok, { code: '1', when: 'no such run is going on' }, usage],
    failure: usual,
  },
  {
    name: 'allow',
    summary: 'Answer a question of a run with yes, or add a host to its contract while it goes on.',
    description: [
      'WHAT is the number of a question, or HOST, HOST:PORT, [IPV6]:PORT, and then perhaps a protocol (default: port 443, https). RUN may be left out where only one can be meant. What is added is checked as the contract is, holds for the rest of the run unless said otherwise, and is an event with your name. The contract file is not changed.',
      'With --for the rule ends after that time, and so do its connections. Private and loopback addresses are reached only where --address names them.',
    ],
    arguments: [
      { ...run, summary: 'Id of a run that is going on, or its beginning.' },
      { name: 'WHAT', optional: true, summary: 'A question’s number, or HOST[:PORT].' },
      { name: 'PROTOCOL', optional: true, summary: 'What must be spoken. Default: https.' },
    ],
    options: [
      { name: 'once', summary: 'For one connection.' },
      { name: 'for', value: 'TIME', summary: 'For this long: 10m, 1h.' },
      { name: 'port', value: 'PORT', summary: 'The port. Default: 443.' },
      { name: 'protocol', value: 'PROTOCOL', summary: 'What must be spoken: https, http, ssh, tcp, …' },
      {
        name: 'address',
        value: 'ADDRESS',
        multiple: true,
        summary: 'Address of the host, instead of the machine’s resolver; may be private.',
      },
      json,
    ],
    examples: [
      { line: 'ringfence allow 3 --for 10m', what: 'Yes to question 3, for ten minutes.' },
      {
        line: 'ringfence allow 20261121-2015 git.example.com:22 ssh',
        what: 'Add a host to the contract of a run.',
      },
    ],
    exitCodes: [
      ok,
      { code: '1', when: 'there is no such run or question, or the contract cannot have that clause' },
      usage,
    ],
    failure: usual,
  },
  {
    name: 'deny',
    summary: 'Answer a question of a run with no.',
    description: [
      'The name is denied for the rest of the run and not asked about again, unless --once or --for says otherwise. The program inside sees a name that does not exist.',
    ],
    arguments: [
      { ...run, summary: 'Id of a run that is going on, or its beginning.' },
      { name: 'QUESTION', optional: true, summary: 'The question’s number.' },
    ],
    options: [
      { name: 'once', summary: 'Only this time; the next attempt asks again.' },
      { name: 'for', value: 'TIME', summary: 'For this long: 10m, 1h.' },
      json,
    ],
    examples: [{ line: 'ringfence deny 3', what: 'No to question 3.' }],
    exitCodes: [ok, { code: '1', when: 'there is no such run or question' }, usage],
    failure: usual,
  },
  {
    name: 'learn',
    summary: 'Record a run, propose the smallest contract for it, and try the work again under that.',
    description: [
      'The program runs in a cell that permits much and leads nowhere: an overlay of this folder, a private home, no secrets, every layer on. Without --network the names that it looks up are noted and do not resolve; with it every public name is let through on ports 443 (https), 80 (http) and 22 (ssh), and what was spoken is noted.',
      'Each line of the proposal has its reason beside it, with the events that show it. The work is then run again under the proposal, without input and with its output left out, and what that run was refused is opened, until it ends as it did. Read the contract before you use it: what the program did is not what it should be allowed to do.',
    ],
    arguments: [
      { name: 'COMMAND', summary: 'The program.' },
      { name: 'ARG', optional: true, rest: true, summary: 'Its arguments.' },
    ],
    options: [
      {
        name: 'output',
        short: 'o',
        value: 'FILE',
        kind: 'file',
        summary: 'Where the contract goes; - is standard output. Default: ringfence.yaml. Never overwritten.',
      },
      { name: 'network', summary: 'Let public names through, and learn which are used.' },
      { name: 'no-verify', summary: 'Do not run it again under the proposal.' },
      {
        name: 'baseline',
        value: 'FILE',
        kind: 'file',
        summary:
          'Also write what honest runs do, for oversight.baseline: programs, who starts them, hosts, folders, amounts. The work is run again for it. Never overwritten.',
      },
      {
        name: 'rounds',
        value: 'N',
        summary:
          'How often the work is run again for the baseline. Default: 9. A false-alarm budget of 5 % takes 19.',
      },
    ],
    passThrough: true,
    examples: [{ line: 'ringfence learn -- npm test', what: 'Propose a contract for the tests.' }],
    exitCodes: [
      { code: '0', when: 'the program ended with 0, and did so again under the proposal' },
      { code: '1', when: 'it did not; the proposal says how far it goes' },
      usage,
      { code: '123', when: 'what was to be loaded is not proved to be what the contract says; nothing ran' },
      { code: '125', when: 'Ringfence could not contain it; nothing ran' },
    ],
    failure: usual,
  },
  {
    name: 'campaigns',
    summary: 'List what runs did together, or for somebody else: the gravest first, with what it stands on.',
    description: [
      'Runs of yours tell each other marks of what passes between them and the services that they share: names, contents, destinations. One campaign is listed once, with its runs, their turns and the numbers of their events; each of these runs has findings with the campaign’s name. What the kinds of evidence weigh is in docs/how-to/campaigns.md.',
    ],
    arguments: [],
    options: [json],
    examples: [{ line: 'ringfence campaigns', what: 'Whether runs work together.' }],
    exitCodes: [{ code: '0', when: 'there is none' }, { code: '1', when: 'there are campaigns' }, usage],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
