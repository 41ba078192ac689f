/**
 * Rights that the agent has by itself (a setting of the isolation, a socket, a key it can read), and what is done with them.
 *
 * @module
 */
import type { Hazard } from '../../../contract/index.ts';
import type { HornRule } from '../../logic/index.ts';
import { ANYWHERE, D, DESIGN, ENTRY, H, had, hazard, I, knows, P, REACHES, rule, used, X } from './rule.ts';

/** What is gained → hazards that follow at once, and what is said. */
const GAINED: readonly (readonly [gain: string, names: readonly Hazard[], text: string])[] = [
  ['root', ['escape'], 'The machine’s root rights hold outside of the isolation.'],
  ['kernel', ['escape'], 'Who changes the kernel is held by none of its layers.'],
  ['host-files', ['escape'], 'Files of the machine are open from the inside.'],
  ['host-processes', ['escape'], 'Processes outside are seen, changed or ended from the inside.'],
  ['code-execution', ['escape'], 'What has the right done for it runs outside.'],
  ['input-capture', ['escape', 'exfiltration'], 'Keys, screen or clipboard of a person are read or forged.'],
  ['inbound', ['remote-control'], 'Somebody outside can open connections to the inside.'],
  ['persistence', ['persistence'], 'It takes effect again after the run has ended.'],
  ['instructions', ['persistence'], 'Another agent obeys it, after the run has ended.'],
  ['compute', ['resource-acquisition'], 'Compute beyond the granted is used.'],
  ['credentials', ['resource-acquisition'], 'New keys or accounts can be made with it.'],
  ['money', ['resource-acquisition'], 'Money can be spent with it.'],
  ['destruction', ['sabotage'], 'Data or services can be destroyed for good.'],
  ['shared-artefact', ['sabotage'], 'What others fetch and use can be replaced.'],
  ['message-board', ['collusion'], 'What one run leaves there another run can read.'],
  ['people', ['coercion'], 'Messages reach people as if from somebody they trust.'],
  ['oversight', ['oversight-tampering'], 'What overseers see can be changed or hidden.'],
  ['grading', ['grader-tampering'], 'What counts as success can be changed.'],
];

/** Gains that make the agent act with somebody’s rights. */
const RIGHTS: readonly (readonly [gain: string, actor: string])[] = [
  ['root', 'machine'],
  ['kernel', 'machine'],
  ['host-files', 'operator'],
  ['host-processes', 'operator'],
  ['code-execution', 'operator'],
  ['dependency-choice', 'operator'],
  ['input-capture', 'operator'],
];

/** What a service gives to who shows it a key that it takes. */
const USED: readonly (readonly [gain: string, name: Hazard, text: string])[] = [
  ['credentials', 'resource-acquisition', 'With the key the service makes other keys or accounts.'],
  [
    'compute',
    'resource-acquisition',
    'With the key the service gives compute that no limit of the run counts.',
  ],
  ['money', 'resource-acquisition', 'With the key money is spent that no limit of the run counts.'],
  ['shared-artefact', 'sabotage', 'With the key what others fetch from the service is replaced.'],
  ['destruction', 'sabotage', 'With the key what the service keeps is destroyed.'],
  ['inbound', 'remote-control', 'With the key a way in is made.'],
];

export const HOLDING: readonly HornRule[] = [
  rule(
    'have.setting',
    ['has', 'agent', I],
    [
      ['opens', X],
      ['means', X, I],
    ],
    'The setting hands it in.',
    ENTRY,
  ),
  rule(
    'have.socket',
    ['has', 'agent', I],
    [
      ['connects', 'agent', X],
      ['means', X, I],
    ],
    'Who connects to the socket is obeyed by what listens there.',
    'unix(7)',
  ),
  ...GAINED.flatMap(([gain, names, text]) =>
    names.map((name) => rule(`own.${gain}.${name}`, hazard(name), had(gain), text, ENTRY)),
  ),
  ...RIGHTS.map(([gain, actor]) =>
    rule(
      `control.${gain}`,
      ['controls', 'agent', actor],
      had(gain),
      `With it the agent does what ${actor === 'machine' ? 'the machine’s root' : 'a person at the machine'} may do.`,
      ENTRY,
    ),
  ),
  rule('reach.own', ANYWHERE, had('network'), 'Connections leave from outside of the isolation.', ENTRY),
  rule(
    'control.nothing',
    ['controls', 'agent', 'operator'],
    [['isolation', 'none']],
    'Nothing stands between the agent and the account that it runs as.',
    'credentials(7)',
  ),
  rule(
    'control.outside',
    ['controls', 'agent', 'operator'],
    [
      ['delegates', 'agent', P],
      ['shells', P],
    ],
    'The program runs outside, and what the agent hands it decides what it runs.',
    'contract of the other sandbox; the program’s manual',
  ),
  // secrets that are had, or that a service hands out, are data; then a key, and a service that takes it
  rule(
    'know.had',
    ['knows', 'agent', I],
    [
      ['has', 'agent', I],
      ['gives', I, X],
      ['secret', X],
    ],
    'With the right, the secrets behind it are read.',
    ENTRY,
  ),
  rule(
    'know.served',
    ['knows', 'agent', I],
    [REACHES, ['serves', H, I], ['gives', I, X], ['secret', X]],
    'The service hands secrets to who asks it.',
    ENTRY,
  ),
  rule(
    'use.read',
    ['uses', 'agent', I, H],
    [['knows', 'agent', D], ['holds', D, I], ['gives', I, X], ['accepts', H, X], REACHES],
    'The service takes the key from whoever shows it.',
    'RFC 6750, section 1.2: any party in possession of the token can use it',
  ),
  ...USED.map(([gain, name, text]) =>
    rule(`used.${gain}`, hazard(name), [...used(gain), ['posts', H]], text, ENTRY),
  ),
  rule(
    'own.volume.collusion',
    hazard('collusion'),
    [['opens', 'sharedVolume']],
    'What one run leaves in the volume another that mounts it reads.',
    'the catalogue’s word sharedVolume',
  ),
  rule(
    'reach.used',
    ANYWHERE,
    used('network'),
    'Who is let in there goes on from there.',
    'MITRE ATT&CK T1021, Remote Services',
  ),
  rule(
    'coercion.used',
    hazard('coercion'),
    [...knows('leverage'), ...used('people'), ['posts', H]],
    'Messages reach people in the name of the key’s owner, unread by others.',
    DESIGN,
  ),
  // people
  rule(
    'speak.approved',
    ['speaks', 'agent', X],
    [
      ['supervised', X],
      ['without', 'approval'],
    ],
    'Messages that are approved unread are not supervised.',
    'contract format, people',
  ),
  rule(
    'coercion.channel',
    hazard('coercion'),
    [...knows('leverage'), ['speaks', 'agent', X]],
    'What is known of a person can be held against them on a channel that nobody else reads.',
    DESIGN,
  ),
  rule(
    'exfiltration.channel',
    hazard('exfiltration'),
    [...knows('confidential'), ['speaks', 'agent', X]],
    'What the agent can read it can write to somebody on a channel that nobody else reads.',
    DESIGN,
  ),
  rule(
    'replication.channel',
    hazard('self-replication'),
    [...knows('agent'), ['speaks', 'agent', X]],
    'A copy of the agent can be written on a channel that nobody else reads.',
    DESIGN,
  ),
  rule(
    'grader.answers',
    hazard('grader-tampering'),
    knows('answers'),
    'Who reads the hidden check can make a solution for it alone.',
    'contract format, objective.hidden',
  ),
];
