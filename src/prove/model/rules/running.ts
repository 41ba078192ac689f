/**
 * What every run does, how it is graded, and what it could do without its layers.
 *
 * @module
 */
import type { HornRule } from '../../logic/index.ts';
import { DESIGN, F, hazard, P, RUNS, rule, X } from './rule.ts';

export const RUNNING: readonly HornRule[] = [
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
    'acquisition.unbounded',
    hazard('resource-acquisition'),
    [['unbounded', X]],
    'Without an end or a budget the run takes what there is.',
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
      [RUNS, ['without', 'namespaces']],
      'Without namespaces of its own the agent sees and signals other processes, and outlives its run.',
      'namespaces(7)',
    ),
  ),
  rule(
    'escape.kernel',
    hazard('escape'),
    [RUNS, ['without', 'filter']],
    'Without filter and Landlock, kernel interfaces that were never meant for it are open.',
    'seccomp(2); landlock(7)',
  ),
  rule(
    'acquisition.limits',
    hazard('resource-acquisition'),
    [RUNS, ['without', 'limits']],
    'Without limits the run takes what the machine has.',
    'cgroups(7)',
  ),
];
