/**
 * What is explored of questions and answers: three requests of which two share a digest, commands, crashes, and oddities
 * that are few at a time, because orders multiply.
 *
 * @module
 */
import type { Subject } from '../../src/gateway/approvals/machine.ts';
import { newHost } from '../../src/gateway/approvals/questions.ts';
import type { Scenario } from './approvals-state.ts';

const artefact = (what: string): Subject => ({ effect: 'packages.new', name: 'npm left', what });
/** The same name, and two digests of what it would bring. */
const [FIRST, SECOND] = [
  artefact('fetch left 1.0.0 (sha512-AAAA)'),
  artefact('fetch left 1.0.0 (sha512-BBBB)'),
];
const by = 'operator';
const run = { run: true } as const;
const once = { once: true } as const;
const allow = (question: number) => ({ do: 'answer', question, allow: true, scope: run, by }) as const;
const deny = (question: number) => ({ do: 'answer', question, allow: false, scope: run, by }) as const;
const rule = (host: string, scope: typeof run | typeof once | { for: number }) =>
  ({ do: 'allow', rule: { host }, scope, by }) as const;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'three requests, two digests, an answer',
    subjects: [FIRST, FIRST, SECOND],
    commands: [allow(1), deny(1), allow(2)],
    most: 1,
    crashes: 0,
  },
  {
    name: 'three requests, two digests, two answers, nobody too late, a crash at every step',
    subjects: [FIRST, FIRST, SECOND],
    commands: [allow(1), allow(2), deny(1)],
    most: 2,
    crashes: 1,
    isPatient: true,
  },
  {
    name: 'two digests of one name, an answer, a crash at every step',
    subjects: [FIRST, SECOND],
    commands: [allow(1)],
    most: 1,
    crashes: 1,
  },
  {
    name: 'answers that come under another number',
    subjects: [FIRST, SECOND],
    commands: [allow(1), deny(2)],
    most: 2,
    crashes: 0,
    isPatient: true,
    odds: ['crossed'],
  },
  {
    name: 'an answer too late, lost, and sent twice, a crash at every step',
    subjects: [FIRST],
    commands: [allow(1), deny(1)],
    most: 1,
    crashes: 1,
    odds: ['time', 'lost', 'twice'],
  },
  {
    name: 'a gateway that uses a number again, a cell that asks again, a crash at every step',
    subjects: [FIRST],
    commands: [allow(1), deny(1)],
    most: 1,
    crashes: 1,
    odds: ['forged', 'again', 'time'],
  },
  {
    name: 'hosts, answers for a time, for one connection and for no time that there is, under another number',
    subjects: [newHost('a.example.com'), newHost('badexample.com')],
    commands: [
      { ...allow(1), scope: { for: 600_000 } },
      rule('*.example.com', once),
      rule('b.example.com', { for: 1e18 }),
      deny(2),
    ],
    most: 2,
    crashes: 0,
    isPatient: true,
    odds: ['crossed'],
  },
  {
    name: 'hosts and a rule that covers them, a crash at every step',
    subjects: [newHost('a.example.com'), newHost('b.example.com')],
    commands: [allow(1), rule('*.example.com', once), rule('a.example.com', run), deny(2)],
    most: 2,
    crashes: 1,
    isPatient: true,
  },
  {
    name: 'hosts, a rule that covers them, and times that are up',
    subjects: [newHost('a.example.com'), newHost('b.example.com')],
    commands: [rule('*.example.com', run), allow(2)],
    most: 1,
    crashes: 0,
  },
  {
    name: 'programs that end while they wait, and an answer, a crash at every step',
    subjects: [FIRST, FIRST],
    commands: [allow(1), deny(1)],
    most: 1,
    crashes: 1,
    isPatient: true,
    odds: ['leave'],
  },
  {
    name: 'programs that end while they wait, and times that are up',
    subjects: [FIRST, SECOND],
    commands: [allow(1)],
    most: 1,
    crashes: 0,
    odds: ['leave'],
  },
  {
    name: 'two matters that rules find, one of them again, answers, a crash at every step',
    subjects: [],
    findings: ['one', 'two', 'one'],
    commands: [allow(1), deny(2), allow(2)],
    most: 2,
    crashes: 1,
  },
  {
    name: 'a matter that is found again and again, allowed once and for a time, too late, sent twice',
    subjects: [],
    findings: ['one', 'one', 'one'],
    commands: [{ ...allow(1), scope: once }, { ...allow(2), scope: { for: 30_000 } }, deny(3)],
    most: 2,
    crashes: 0,
    odds: ['time', 'lost', 'twice'],
  },
  {
    name: 'a matter that is found again, allowed once',
    subjects: [],
    findings: ['one', 'one'],
    commands: [{ ...allow(1), scope: once }],
    most: 1,
    crashes: 0,
  },
  {
    name: 'a matter that is found again, allowed for a time that is up',
    subjects: [],
    findings: ['one', 'one'],
    commands: [{ ...allow(1), scope: { for: 30_000 } }],
    most: 1,
    crashes: 0,
    odds: ['time'],
  },
  {
    name: 'a matter that a rule finds beside a request, answers, a crash at every step',
    subjects: [FIRST],
    findings: ['one'],
    commands: [allow(1), allow(2), deny(1), deny(2)],
    most: 2,
    crashes: 1,
    isPatient: true,
  },
  {
    name: 'two matters and a request where one question may be asked',
    subjects: [FIRST],
    findings: ['one', 'two'],
    budget: 1,
    commands: [allow(1)],
    most: 1,
    crashes: 0,
    isPatient: true,
    odds: ['again'],
  },
  {
    name: 'answers that give the digest of something else, about a request and a finding',
    subjects: [FIRST],
    findings: ['one'],
    commands: [
      { ...allow(1), digest: 'another' },
      { ...allow(2), digest: 'another' },
    ],
    most: 2,
    crashes: 0,
    isPatient: true,
  },
];
