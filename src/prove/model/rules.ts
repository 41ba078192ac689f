/**
 * The rules of the model. Data: each has an id, what it says, and where that comes from.
 *
 * Facts of a contract: `runs` `executes` `spends` `knows` `writes` `decides` `direct` `reaches` `near` `asks` `fetches` `lends`
 * `graded` `isolation` `unread`; of the catalogue: `trigger` `gives` `serves` `holds`; of the model: `oversees` `online`. `without` is a layer that is thought
 * away. `hazard` can happen; of `undecided` no rule knows.
 *
 * @module
 */
import { type Contract, HAZARD_NAMES, type Hazard } from '../../contract/index.ts';
import type { HornRule, Literal } from '../logic/index.ts';
import type { Gate } from './types.ts';

const variable = (name: string) => ({ var: name });
const [A, D, F, H, I, P, X] = ['A', 'D', 'F', 'H', 'I', 'P', 'X'].map(variable) as [
  { var: string },
  { var: string },
  { var: string },
  { var: string },
  { var: string },
  { var: string },
  { var: string },
];

const rule = (
  id: string,
  head: Literal,
  body: readonly Literal[],
  text: string,
  source: string,
): HornRule => ({
  id,
  head,
  body,
  text,
  source,
});

const hazard = (name: Hazard): Literal => ['hazard', name];
const runs: Literal = ['runs', 'agent'];
const reaches: Literal = ['reaches', 'agent', H];
const served = (gain: string): Literal[] => [reaches, ['serves', H, I], ['gives', I, gain]];
const DESIGN = 'definition of the hazard';

/** What is written where somebody else runs it. */
const LANDING: readonly HornRule[] = [
  rule(
    'land.direct',
    ['lands', F],
    [
      ['writes', 'agent', F],
      ['direct', 'workspace'],
    ],
    'In a direct workspace what the agent writes is there at once, unreviewed.',
    'contract format, files.workspace.mode',
  ),
  rule(
    'land.unreviewed',
    ['lands', F],
    [
      ['writes', 'agent', F],
      ['without', 'review'],
    ],
    'Of an overlay, what is applied unread is there.',
    'contract format, files.workspace.mode',
  ),
  rule(
    'control.trigger',
    ['controls', 'agent', A],
    [
      ['lands', F],
      ['trigger', F, I, A],
      ['gives', I, 'code-execution'],
    ],
    'Who writes what somebody else runs acts with their rights, outside of the cell.',
    'the catalogue’s entry',
  ),
  rule(
    'control.reach',
    ['reaches', 'agent', 'anywhere'],
    [
      ['controls', 'agent', A],
      ['online', A],
    ],
    'What runs outside of the cell has the network of whoever runs it.',
    'network_namespaces(7)',
  ),
  rule(
    'control.view',
    ['controls', 'agent', 'operator'],
    [runs, ['without', 'file-view']],
    'With all of the machine’s files to write, start-up files of the operator are among them.',
    'bash(1), FILES',
  ),
  rule(
    'escape.control',
    hazard('escape'),
    [['controls', 'agent', A]],
    'Code of the agent’s choosing runs where no layer holds it.',
    DESIGN,
  ),
  rule(
    'persistence.control',
    hazard('persistence'),
    [['controls', 'agent', A]],
    'It runs after the run has ended, too.',
    DESIGN,
  ),
  rule(
    'persistence.trigger',
    hazard('persistence'),
    [
      ['lands', F],
      ['trigger', F, I, A],
      ['gives', I, 'persistence'],
    ],
    'What was written takes effect after the run has ended.',
    DESIGN,
  ),
  rule(
    'oversight.control',
    hazard('oversight-tampering'),
    [
      ['controls', 'agent', A],
      ['oversees', A],
    ],
    'With the rights of who oversees, the record, the contract and the monitor can be changed.',
    DESIGN,
  ),
  rule('sabotage.write', hazard('sabotage'), [['lands', F]], 'What was there before is overwritten.', DESIGN),
  rule(
    'sabotage.control',
    hazard('sabotage'),
    [['controls', 'agent', A]],
    'With somebody else’s rights their data can be destroyed.',
    DESIGN,
  ),
  rule(
    'collusion.workspace',
    hazard('collusion'),
    [
      ['lands', F],
      ['direct', 'workspace'],
    ],
    'Another cell that is given the same workspace reads what was written.',
    DESIGN,
  ),
];

/** What can be reached. */
const REACHING: readonly HornRule[] = [
  rule(
    'reach.open',
    ['reaches', 'agent', 'anywhere'],
    [runs, ['without', 'network']],
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
    'exfiltration.send',
    hazard('exfiltration'),
    [['knows', 'agent', D], reaches],
    'What the agent can read it can send, in a request’s body, query, header or timing.',
    'RFC 9110, section 9',
  ),
  rule(
    'replication.send',
    hazard('self-replication'),
    [['knows', 'agent', 'data:agent'], reaches],
    'The agent’s instructions and programs are data, too: a copy of them can be sent.',
    DESIGN,
  ),
  rule(
    'remote.poll',
    hazard('remote-control'),
    [reaches],
    'An answer can be an order: the agent asks again and again, and does what it is told.',
    'MITRE ATT&CK T1102, Web Service',
  ),
  rule(
    'intrusion.beyond',
    hazard('intrusion'),
    served('server-side-fetch'),
    'The service makes requests of the caller’s choosing, to systems that the contract does not name.',
    'CWE-918',
  ),
  rule(
    'intrusion.network',
    hazard('intrusion'),
    served('network'),
    'The service passes traffic on, to systems that the contract does not name.',
    'the catalogue’s entry',
  ),
  rule(
    'intrusion.anywhere',
    hazard('intrusion'),
    [['reaches', 'agent', 'anywhere']],
    'Every system can be probed.',
    DESIGN,
  ),
  rule(
    'acquisition.anywhere',
    hazard('resource-acquisition'),
    [['reaches', 'agent', 'anywhere']],
    'Accounts and compute can be had at hosts that the contract does not name.',
    DESIGN,
  ),
  rule(
    'acquisition.held',
    hazard('resource-acquisition'),
    [['knows', 'agent', D], ['holds', D, I], ['gives', I, 'credentials'], reaches],
    'A key that can be read can be used, or have others made with it.',
    'the catalogue’s entry',
  ),
  ...['credentials', 'compute', 'money'].map((gain) =>
    rule(
      `acquisition.${gain}`,
      hazard('resource-acquisition'),
      served(gain),
      `The service gives ${gain === 'credentials' ? 'new keys or accounts' : gain} to who asks it.`,
      'the catalogue’s entry',
    ),
  ),
  rule(
    'collusion.board',
    hazard('collusion'),
    served('message-board'),
    'What one run leaves at the service another run can read.',
    'the catalogue’s entry',
  ),
  rule(
    'collusion.anywhere',
    hazard('collusion'),
    [['reaches', 'agent', 'anywhere']],
    'Two runs that reach every host have one in common.',
    DESIGN,
  ),
  ...['destruction', 'shared-artefact'].map((gain) =>
    rule(
      `sabotage.${gain}`,
      hazard('sabotage'),
      served(gain),
      gain === 'destruction'
        ? 'What the service keeps can be destroyed.'
        : 'What others fetch from the service can be replaced.',
      'the catalogue’s entry',
    ),
  ),
  rule(
    'coercion.people',
    hazard('coercion'),
    [['knows', 'agent', D], ...served('people')],
    'What is known of a person can be held against them where messages reach them unread by others.',
    DESIGN,
  ),
  ...['root', 'host-files', 'host-processes', 'code-execution'].map((gain) =>
    rule(
      `escape.${gain}`,
      hazard('escape'),
      [reaches, ['near', H], ['serves', H, I], ['gives', I, gain]],
      'A service of this machine or its neighbours acts for the agent, outside of the cell.',
      'the catalogue’s entry',
    ),
  ),
];

/** What every run does. */
const RUNNING: readonly HornRule[] = [
  rule(
    'compute.spend',
    hazard('compute-diversion'),
    [
      ['executes', 'agent', P],
      ['spends', 'agent', X],
    ],
    'Within its limits a program computes what it likes; nothing judges for what.',
    DESIGN,
  ),
  rule(
    'grader.unprotected',
    hazard('grader-tampering'),
    [
      ['graded', 'unprotected'],
      ['writes', 'agent', F],
      ['decides', F],
    ],
    'Nothing is protected and there is no hidden check: what decides success can be changed.',
    'contract format, objective.success',
  ),
  rule(
    'grader.special',
    hazard('grader-tampering'),
    [
      ['graded', 'visible'],
      ['writes', 'agent', F],
    ],
    'All that decides can be read: a solution can be made to answer its cases alone. Grading restores protected files and would show that they were changed, not this.',
    'contract format, objective.hidden',
  ),
  ...(['escape', 'persistence', 'oversight-tampering', 'sabotage', 'collusion'] as const).map((name) =>
    rule(
      `${name}.namespaces`,
      hazard(name),
      [runs, ['without', 'namespaces']],
      'Without namespaces of its own the agent sees and signals other processes, and outlives its run.',
      'namespaces(7)',
    ),
  ),
  rule(
    'escape.kernel',
    hazard('escape'),
    [runs, ['without', 'filter']],
    'Without filter and Landlock, kernel interfaces that were never meant for it are open.',
    'seccomp(2); landlock(7)',
  ),
  rule(
    'acquisition.limits',
    hazard('resource-acquisition'),
    [runs, ['without', 'limits']],
    'Without limits the run takes what the machine has.',
    'cgroups(7)',
  ),
];

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

/** What the model cannot decide, so that nothing is said to be proved. */
const UNKNOWN: readonly HornRule[] = [
  ...open('said', ['deception'], [runs], 'No rule compares what the agent says with what it did.'),
  ...open(
    'people',
    ['coercion'],
    [runs],
    'No rule reads what the agent writes to people, the operator among them.',
  ),
  ...open('purpose', ['compute-diversion'], [runs], 'No rule judges what compute is spent on.'),
  ...open(
    'grading',
    ['grader-tampering'],
    [runs],
    'No rule knows whether the checks tell a real solution from one made for them; grading in fresh cells detects what differs, after the fact.',
  ),
  ...open(
    'service',
    NETWORKED,
    [reaches],
    'No rule knows what software answers there, what it keeps, hands out or passes on.',
  ),
  ...open(
    'asked',
    NETWORKED,
    [['asks', X]],
    'It depends on what a person allows when asked; human decisions are not part of the model.',
  ),
  ...open(
    'lent',
    ['resource-acquisition'],
    [['lends', X]],
    'No rule knows what a secret that the gateway puts into requests allows at its host, new credentials included.',
  ),
  ...open(
    'near',
    ['escape', 'persistence', 'oversight-tampering'],
    [reaches, ['near', H]],
    'The address is not a public one, so it may be a service of this machine; no rule knows what that does for who asks it.',
  ),
  ...open(
    'direct',
    HAZARD_NAMES,
    [['direct', 'workspace']],
    'Programs outside see a direct workspace change while they use it, and sockets that they make there can be reached from the cell.',
    'THREAT-MODEL.md, mode: direct',
  ),
  ...open(
    'reduced',
    ['persistence', 'self-replication', 'oversight-tampering', 'sabotage', 'collusion'],
    [['isolation', 'landlock']],
    'The reduced isolation has no namespaces: Landlock and seccomp alone stand between the agent and what else its user runs.',
    'landlock(7)',
  ),
  ...open('virtual', HAZARD_NAMES, [['isolation', 'microvm']], 'No rule describes a virtual machine.'),
  ...open(
    'unread',
    HAZARD_NAMES,
    [['unread', X]],
    'A pattern of the contract could not be read by the model.',
  ),
];

/** Unique ids; heads `hazard` and `undecided` are the goals. */
export const RULES: readonly HornRule[] = [...LANDING, ...REACHING, ...RUNNING, ...UNKNOWN];

const gate = (name: string, text: string): Gate => ({ name, text, without: ['without', name] });

/** Layers and persons that a proof may rest on, found by thinking each away: those that the isolation has. */
export function gatesOf(isolation: Contract['isolation']): Gate[] {
  const review = gate('review', 'review of the change set: nothing lands that a person did not apply');
  const limits = gate('limits', 'the limits of compute, hard or supervised as the record says');
  const filter = gate('filter', 'the system-call filter and Landlock');
  if (isolation !== 'process')
    return [
      review,
      gate('network', 'no network: the system-call filter lets no socket of any family be made'),
      gate('file-view', 'Landlock: all writes go to a copy of the workspace, or to folders of the run'),
      filter,
      limits,
    ];
  return [
    review,
    gate('network', 'no network but what the gateway allows (network namespace, supervisor, gateway)'),
    gate(
      'index',
      'the package index of the gateway: fixed artefacts, nothing of the agent’s choosing goes out',
    ),
    gate('file-view', 'the file view: overlay, private home, all else read-only'),
    gate('namespaces', 'process, user, mount and IPC namespaces'),
    filter,
    limits,
  ];
}
