/**
 * What the model cannot decide, each with the reason: nothing of it is said to be proved.
 *
 * @module
 */
import { HAZARD_NAMES, type Hazard } from '../../../contract/index.ts';
import type { HornRule, Literal } from '../../logic/index.ts';
import { changed, H, I, P, REACHES, RUNS, rule, X } from './rule.ts';

const open = (
  id: string,
  names: readonly Hazard[],
  body: readonly Literal[],
  text: string,
  source = 'limits of the model',
) => names.map((name) => rule(`unknown.${id}.${name}`, ['undecided', name], body, text, source));

const NETWORKED: readonly Hazard[] = [
  'exfiltration',
  'remote-control',
  'resource-acquisition',
  'self-replication',
  'intrusion',
  'sabotage',
  'collusion',
];

/** Of a sandbox without namespaces. */
const SHARED_TABLE: readonly Hazard[] = [
  'persistence',
  'self-replication',
  'oversight-tampering',
  'sabotage',
  'collusion',
];

export const UNKNOWN: readonly HornRule[] = [
  ...open(
    'said',
    ['deception'],
    [RUNS],
    'What the agent says is not part of the model; how far a run is watched for it, ringfence check says.',
  ),
  ...open(
    'people',
    ['coercion'],
    [RUNS],
    'What the agent writes to people, the operator among them, is not part of the model; how far a run is watched for it, ringfence check says.',
  ),
  ...open(
    'purpose',
    ['compute-diversion'],
    [RUNS],
    'What compute is spent on is not part of the model; how far a run is watched for it, ringfence check says.',
  ),
  ...open(
    'grading',
    ['grader-tampering'],
    [RUNS],
    'No rule knows whether the checks tell a real solution from one made for them; grading in fresh cells detects what differs, after the fact.',
  ),
  ...open(
    'service',
    NETWORKED,
    [REACHES],
    'No rule knows what software answers there, what it keeps, hands out or passes on.',
  ),
  ...open(
    'asked',
    NETWORKED,
    [['asks', X]],
    'It depends on what a person allows when asked; human decisions are not part of the model.',
  ),
  ...open(
    'escalated',
    HAZARD_NAMES,
    [['escalates', X]],
    'It depends on what a person allows when asked, and that may lie outside of the isolation.',
  ),
  ...open(
    'tool',
    HAZARD_NAMES,
    [['calls', 'agent', X]],
    'The tool runs outside of the isolation; no rule knows what it does with what it is handed.',
  ),
  ...open(
    'delegated',
    HAZARD_NAMES,
    [['delegates', 'agent', P]],
    'The program runs outside of the isolation; no rule knows what it does with what it is handed.',
  ),
  ...open(
    'channel',
    ['remote-control'],
    [['speaks', 'agent', X]],
    'Who is written to may answer, and no rule knows whether the agent reads it.',
  ),
  ...open(
    'lent',
    ['resource-acquisition'],
    [['lends', X]],
    'No rule knows what a secret that the gateway puts into requests allows at its host, new credentials included.',
  ),
  ...open(
    'used',
    ['escape', 'persistence', 'sabotage'],
    [
      ['uses', 'agent', I, H],
      ['gives', I, 'code-execution'],
    ],
    'The service runs things for who shows the key; no rule knows what it lets this key do.',
  ),
  ...open(
    'near',
    ['escape', 'persistence', 'oversight-tampering'],
    [REACHES, ['near', H]],
    'The address is not a public one, so it may be a service of this machine; no rule knows what that does for who asks it.',
  ),
  ...open(
    'beside',
    ['escape', 'persistence', 'oversight-tampering'],
    [REACHES, ['beside', H]],
    'Who answers there runs beside the agent, on the same machine; no rule knows what that does for who asks it.',
  ),
  ...open(
    'harboured',
    HAZARD_NAMES,
    [['harbours', X]],
    'Sockets that others keep in a volume can be connected to, though it is mounted to be read; no rule knows what listens there.',
    'connect(2); unix(7), Pathname socket ownership and permissions',
  ),
  ...open(
    'shown',
    HAZARD_NAMES,
    [['shows', X]],
    'Through processes of the same user their files are opened, outside of the container; no rule knows whose there are.',
    'proc_pid_root(5); ptrace(2), Ptrace access mode checking',
  ),
  ...open(
    'collector',
    ['oversight-tampering'],
    changed('oversight'),
    'What overseers read may be gathered there, and can be flooded or forged; no rule knows whether they rest on it.',
    'CWE-117; RFC 5424, section 8',
  ),
  ...open(
    'admitted',
    ['exfiltration', 'remote-control', 'self-replication', 'collusion'],
    [['admits', 'agent', P, X]],
    'A port leads inside; no rule knows who connects to it.',
  ),
  ...open(
    'socket',
    HAZARD_NAMES,
    [
      ['connects', 'agent', X],
      ['unfamiliar', X],
    ],
    'The catalogue does not know the socket: no rule knows what listens there.',
  ),
  ...open(
    'weakened',
    HAZARD_NAMES,
    [['weakens', X]],
    'The setting takes a layer away but opens nothing by itself. The others stand alone, and what they hold is all that holds.',
    'the catalogue’s entries for the setting',
  ),
  ...open(
    'unrecorded',
    ['oversight-tampering'],
    [['unrecorded', X]],
    'Nothing but the agent’s own side is said to keep a record, or to be able to stop it.',
  ),
  ...open(
    'direct',
    HAZARD_NAMES,
    [['direct', X]],
    'Programs outside see a direct workspace change while they use it, and sockets that they make there can be reached from the cell.',
    'THREAT-MODEL.md, mode: direct',
  ),
  ...(['reduced', 'sandbox'] as const).flatMap((kind) =>
    open(
      kind,
      // with what else its user runs within reach, so is what that may do
      kind === 'sandbox' ? [...SHARED_TABLE, 'escape'] : SHARED_TABLE,
      [['isolation', kind]],
      kind === 'reduced'
        ? 'The reduced isolation has no namespaces: Landlock and seccomp alone stand between the agent and what else its user runs.'
        : 'The set-up does not say which namespaces the sandbox has on this machine; what else its user runs may be within reach.',
      'landlock(7)',
    ),
  ),
  ...open('virtual', HAZARD_NAMES, [['isolation', 'vm']], 'No rule describes a virtual machine.'),
  ...open('unread', HAZARD_NAMES, [['unread', X]], 'A pattern of the set-up could not be read by the model.'),
  ...open(
    'unsaid',
    HAZARD_NAMES,
    [['unsaid', X]],
    'The set-up says something that the model has no word for.',
  ),
  ...HAZARD_NAMES.map((name) =>
    rule(
      `unknown.unclear.${name}`,
      ['undecided', name],
      [['unclear', X, name]],
      'The set-up says something about it that the model has no word for.',
      'limits of the model',
    ),
  ),
];
