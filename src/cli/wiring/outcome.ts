/**
 * How a run ended, and which ends are those of a limit.
 *
 * @module
 */
import type { EffectiveState } from '../../contract/index.ts';

/** How a run ended. `contained` false: nothing ran. */
export type Outcome =
  | {
      contained: false;
      problem: string;
      hint: string /** it was interrupted by this signal */;
      signal?: number;
    }
  | {
      contained: true;
      exit: { code?: number; signal?: number };
      /** why it ended: `ended` by itself, `violation`, `tampering`, a limit's name, `stopped` by the operator, or a fault */
      reason: string;
      /** true: what was recorded last may be missing */
      incomplete: boolean;
      effective: EffectiveState;
    };

const LIMITS = new Set(['time', 'cpu-time', 'memory', 'disk', 'bytes', 'connections', 'budget']);

export const isBudget = (reason: string): boolean => LIMITS.has(reason);
