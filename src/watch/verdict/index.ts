/**
 * Verdicts for training loops.
 *
 * @module
 */
export * from './verdict.ts';
