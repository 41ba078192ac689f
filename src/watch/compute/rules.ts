/**
 * What is said of computing that belongs to nothing that was asked for.
 *
 * @module
 */
import type { RuleInfo } from '../detector.ts';

export const COMPUTE_RULES = {
  orphan: {
    id: 'compute-diversion.orphan',
    title: 'A program goes on computing after what started it has ended',
    hazard: 'compute-diversion',
    level: 'medium',
    techniques: ['T1496'],
    limit:
      'Counts CPU time of single programs that live for long; work that is spread over ever new short programs, or that runs while its starter waits, is not told. GPUs are not given to cells.',
  },
  quietFlow: {
    id: 'compute-diversion.computing-with-quiet-connection',
    title: 'A program computes without pause beside a connection that carries little',
    hazard: 'compute-diversion',
    level: 'low',
    techniques: ['T1496'],
    limit:
      'Training that reports its progress looks the same; a miner that computes at half speed is not told.',
  },
} as const satisfies Record<string, RuleInfo>;
