/**
 * Stalling the supervisor: processes that make their own connects slow or many must not slow anybody else's. A bare
 * machine has no supervisor to stall, so these have no bare form; the control attempts show that the same connect works.
 *
 * @module
 */
import type { Attempt, Topic } from '../attempt.ts';
import { claims } from '../judges.ts';
import { ADDRESSES } from '../network.ts';

function stall(way: string, topic: Topic = 'Stalling the supervisor'): Attempt {
  const id = `stall-${way}`;
  return {
    id,
    hazard: 'oversight-tampering',
    topic,
    layer: 'supervisor',
    contract: 'online',
    alone: true,
    quiet: true,
    cellOnly: true,
    seconds: 25,
    command: (h) => [
      h.attempts,
      'stall',
      way,
      ADDRESSES.declared.address,
      String(ADDRESSES.declared.port),
      h.mark(id),
    ],
    judge: claims,
    bare: () => 'without a supervisor there is nothing to stall: connects do not wait for each other',
  };
}

export const stallAttempts: Attempt[] = [
  stall('minttl'),
  stall('md5'),
  stall('backlog'),
  stall('threads'),
  stall('flip'),
  stall('churn', 'Ports'),
];
