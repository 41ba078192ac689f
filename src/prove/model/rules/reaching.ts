/**
 * What can be reached, and by that: egress is knowing, reaching and a service that takes it.
 *
 * @module
 */
import type { HornRule } from '../../logic/index.ts';
import {
  ANYWHERE,
  changed,
  D,
  DESIGN,
  ENTRY,
  H,
  hazard,
  I,
  knows,
  P,
  REACHES,
  RUNS,
  rule,
  served,
  steered,
  X,
} from './rule.ts';

const OUTSIDE = ['anyone', 'neighbours'] as const;

const remoteBy = (from: (typeof OUTSIDE)[number], text: string): HornRule =>
  rule(
    `remote.${from}`,
    hazard('remote-control'),
    [['admits', 'agent', P, from]],
    text,
    'MITRE ATT&CK T1571, Non-Standard Port; T1059, Command and Scripting Interpreter',
  );

export const REACHING: readonly HornRule[] = [
  rule(
    'reach.open',
    ANYWHERE,
    [RUNS, ['without', 'network']],
    'Without the empty network namespace every host can be reached.',
    'network_namespaces(7)',
  ),
  rule(
    'reach.index',
    ['reaches', 'agent', D],
    [
      ['fetches', 'gateway', D],
      ['without', 'index'],
    ],
    'A package index that is reached itself takes names, queries and uploads of the agent’s choosing.',
    'PEP 503; npm documentation, registry',
  ),
  rule(
    'reach.relay',
    ANYWHERE,
    steered('network'),
    'The service passes traffic on: through it every host that it reaches is reached.',
    ENTRY,
  ),
  rule(
    'exfiltration.send',
    hazard('exfiltration'),
    [...knows('confidential'), REACHES],
    'What the agent can read it can send, in a request’s body, query, header or timing.',
    'RFC 9110, section 9',
  ),
  rule(
    'replication.send',
    hazard('self-replication'),
    [...knows('agent'), REACHES],
    'The agent’s instructions and programs are data, too: a copy of them can be sent.',
    DESIGN,
  ),
  // of ways as short the plainest comes first: a port that leads inside
  remoteBy('anyone', 'Whoever reaches the machine reaches a program of the agent’s: a shell, for instance.'),
  rule(
    'remote.poll',
    hazard('remote-control'),
    [REACHES],
    'An answer can be an order: the agent asks again and again, and does what it is told.',
    'MITRE ATT&CK T1102, Web Service',
  ),
  remoteBy(
    'neighbours',
    'Whatever shares the network reaches a program of the agent’s: a shell, for instance.',
  ),
  ...OUTSIDE.flatMap((from) => [
    rule(
      `exfiltration.${from}`,
      hazard('exfiltration'),
      [...knows('confidential'), ['admits', 'agent', P, from]],
      'What the agent can read it can serve to who connects.',
      DESIGN,
    ),
    rule(
      `replication.${from}`,
      hazard('self-replication'),
      [...knows('agent'), ['admits', 'agent', P, from]],
      'Who connects can be served a copy of the agent.',
      DESIGN,
    ),
  ]),
  rule(
    'intrusion.beyond',
    hazard('intrusion'),
    steered('server-side-fetch'),
    'The service makes requests of the caller’s choosing, to systems that the contract does not name.',
    'CWE-918',
  ),
  rule(
    'intrusion.network',
    hazard('intrusion'),
    steered('network'),
    'The service passes traffic on, to systems that the contract does not name.',
    ENTRY,
  ),
  rule('intrusion.anywhere', hazard('intrusion'), [ANYWHERE], 'Every system can be probed.', DESIGN),
  rule(
    'acquisition.anywhere',
    hazard('resource-acquisition'),
    [ANYWHERE],
    'Accounts and compute can be had at hosts that the contract does not name.',
    DESIGN,
  ),
  rule(
    'acquisition.held',
    hazard('resource-acquisition'),
    [['knows', 'agent', D], ['holds', D, I], ['gives', I, 'credentials'], REACHES],
    'A key that can be read can be used, or have others made with it.',
    ENTRY,
  ),
  ...['credentials', 'compute', 'money'].map((gain) =>
    rule(
      `acquisition.${gain}`,
      hazard('resource-acquisition'),
      changed(gain),
      `The service gives ${gain === 'credentials' ? 'new keys or accounts' : gain} to who asks it.`,
      ENTRY,
    ),
  ),
  rule(
    'collusion.board',
    hazard('collusion'),
    [...changed('message-board'), ['shared', H]],
    'What one run leaves at the service another run can read.',
    ENTRY,
  ),
  rule(
    'collusion.names',
    hazard('collusion'),
    [...served('message-board'), ['gives', I, 'server-side-fetch'], ['names', H], ['shared', H]],
    'The service keeps what it was asked for: the names that one run asks for another run finds there.',
    ENTRY,
  ),
  rule(
    'collusion.anywhere',
    hazard('collusion'),
    [ANYWHERE],
    'Two runs that reach every host have one in common.',
    DESIGN,
  ),
  ...['destruction', 'shared-artefact'].map((gain) =>
    rule(
      `sabotage.${gain}`,
      hazard('sabotage'),
      changed(gain),
      gain === 'destruction'
        ? 'What the service keeps can be destroyed.'
        : 'What others fetch from the service can be replaced.',
      ENTRY,
    ),
  ),
  rule(
    'coercion.people',
    hazard('coercion'),
    [...knows('leverage'), ...changed('people')],
    'What is known of a person can be held against them where messages reach them unread by others.',
    DESIGN,
  ),
  rule(
    'coercion.anywhere',
    hazard('coercion'),
    [...knows('leverage'), ANYWHERE],
    'Among all hosts are those that pass messages to people, unread by others.',
    DESIGN,
  ),
  ...['root', 'host-files', 'host-processes', 'code-execution'].map((gain) =>
    rule(
      `escape.${gain}`,
      hazard('escape'),
      [REACHES, ['near', H], ['serves', H, I], ['gives', I, gain]],
      'A service of this machine or its neighbours acts for the agent, outside of the cell.',
      ENTRY,
    ),
  ),
  ...(['none', 'unknown'] as const).map((kind) =>
    rule(
      `grader.service.${kind}`,
      hazard('grader-tampering'),
      [...changed('grading'), ['graded', kind]],
      'Nothing else is said to decide success, and what the service keeps of it the agent can write.',
      ENTRY,
    ),
  ),
  rule(
    'oversight.service',
    hazard('oversight-tampering'),
    [...changed('oversight'), ['unrecorded', X]],
    'Nothing else keeps a record, and what the service keeps of it the agent can write.',
    ENTRY,
  ),
];
