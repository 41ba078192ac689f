/**
 * Waiting for a condition, with a deadline.
 *
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises';

/** @throws Error when the condition does not hold in time */
export async function until(what: string, holds: () => boolean, withinMs = 10_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; !holds(); ) {
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms for: ${what}`);
    await pause(2);
  }
}
