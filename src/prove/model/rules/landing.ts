/**
 * What is written where somebody else uses it. A copy is passed on at one gate only: the review.
 *
 * @module
 */
import type { Hazard } from '../../../contract/index.ts';
import type { HornRule } from '../../logic/index.ts';
import { A, DESIGN, ENTRY, F, hazard, I, knows, RUNS, rule } from './rule.ts';

/** What a file gives once somebody uses it, beside running it: gain → hazard, and what is said. */
const PLANTED: readonly (readonly [gain: string, name: Hazard, text: string])[] = [
  ['inbound', 'remote-control', 'It lets somebody outside in.'],
  ['instructions', 'persistence', 'The next agent here obeys it, after the run has ended.'],
  ['credentials', 'resource-acquisition', 'It makes a key or an account that was not given.'],
  ['compute', 'resource-acquisition', 'It has compute used that was not given.'],
  ['money', 'resource-acquisition', 'It has money spent.'],
  ['oversight', 'oversight-tampering', 'It changes or hides what overseers see.'],
  ['grading', 'grader-tampering', 'It decides what counts as success, wherever it is used.'],
  ['people', 'coercion', 'It has messages sent to people, as if from somebody they trust.'],
];

export const LANDING: readonly HornRule[] = [
  rule(
    'land.direct',
    ['lands', F],
    [
      ['writes', 'agent', F],
      ['original', F],
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
    ENTRY,
  ),
  rule(
    'control.dependency',
    ['controls', 'agent', A],
    [
      ['lands', F],
      ['trigger', F, I, A],
      ['gives', I, 'dependency-choice'],
    ],
    'Who chooses what somebody else fetches chooses what they run, with their rights.',
    'CWE-829',
  ),
  rule(
    'control.rights',
    ['controls', 'agent', 'machine'],
    [
      ['lands', F],
      ['trigger', F, I, A],
      ['gives', I, 'root'],
    ],
    'Who writes what gives the machine’s root rights has them.',
    ENTRY,
  ),
  ...PLANTED.map(([gain, name, text]) =>
    rule(
      `planted.${gain}`,
      hazard(name),
      [
        ['lands', F],
        ['trigger', F, I, A],
        ['gives', I, gain],
      ],
      text,
      ENTRY,
    ),
  ),
  rule(
    'control.view',
    ['controls', 'agent', 'operator'],
    [RUNS, ['without', 'file-view']],
    'With all of the machine’s files to write, start-up files of the operator are among them.',
    'bash(1), FILES',
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
  ...(['contract', 'ledger', 'supervisor', 'approvals', 'review'] as const).map((what) =>
    rule(
      `oversight.${what}`,
      hazard('oversight-tampering'),
      [
        ['lands', F],
        ['governs', F, what],
      ],
      `What oversees the next run is the agent’s to write: the ${what} lies where it writes.`,
      DESIGN,
    ),
  ),
  rule(
    'grader.object',
    hazard('grader-tampering'),
    [
      ['lands', F],
      ['governs', F, 'grader'],
    ],
    'What the hidden check is made of is the agent’s to write.',
    DESIGN,
  ),
  rule(
    'grader.control',
    hazard('grader-tampering'),
    [
      ['controls', 'agent', A],
      ['oversees', A],
    ],
    'Who grades does it with rights that the agent then has, too.',
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
    [['lands', F]],
    'Another cell that is given the same workspace reads what was written.',
    DESIGN,
  ),
  // review is where data of the run's become everybody's: what is applied unread may hold anything that was read
  rule(
    'exfiltration.applied',
    hazard('exfiltration'),
    [...knows('confidential'), ['writes', 'agent', F], ['without', 'review']],
    'What the agent read can stand in what is applied unread, and goes wherever that goes.',
    DESIGN,
  ),
  rule(
    'replication.applied',
    hazard('self-replication'),
    [...knows('agent'), ['writes', 'agent', F], ['without', 'review']],
    'A copy of the agent can stand in what is applied unread.',
    DESIGN,
  ),
  ...(['persistence', 'sabotage', 'collusion'] as const).map((name) =>
    rule(
      `${name}.kept`,
      hazard(name),
      [
        ['writes', 'agent', F],
        ['kept', F],
      ],
      {
        persistence: 'What lies in the volume is there when the next run starts, and is loaded from there.',
        sabotage: 'What the volume held is overwritten, and nobody reviews it.',
        collusion: 'What one run leaves in the volume the next one, or another that mounts it, reads.',
      }[name],
      DESIGN,
    ),
  ),
];
