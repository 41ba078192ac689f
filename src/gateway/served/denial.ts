/**
 * When a denial is told: at a whole number of steps after the request came, so that what was looked at on the way to it,
 * and how long that took, does not show.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds. Judging takes a few; the step is much longer than that, on a busy machine too. */
export const DENIAL_STEP = 250;

/** Waits for the next whole step, and for one at least. @param since when the request came, of `performance.now()` */
export async function untilDenial(since: number): Promise<void> {
  const taken = performance.now() - since;
  await wait(Math.max(1, Math.ceil(taken / DENIAL_STEP)) * DENIAL_STEP - taken);
}
