/**
 * All attempts, in the order they run.
 *
 * @module
 */
import type { Attempt } from '../attempt.ts';
import { controls } from './controls.ts';
import { fileAttempts } from './files.ts';
import { kernelAttempts } from './kernel.ts';
import { limitAttempts } from './limits.ts';
import { networkAttempts } from './network.ts';
import { persistenceAttempts } from './persistence.ts';
import { processAttempts } from './processes.ts';
import { stallAttempts } from './stalls.ts';

export const ATTEMPTS: readonly Attempt[] = [
  ...controls,
  ...fileAttempts,
  ...persistenceAttempts,
  ...processAttempts,
  ...kernelAttempts,
  ...networkAttempts,
  ...stallAttempts,
  ...limitAttempts,
];
