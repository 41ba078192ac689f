/**
 * `prove --diff`: what a change of the contract opens and closes.
 *
 * @module
 */
import { notYet } from './format.ts';
import type { Question } from './types.ts';

/** @returns the exit code */
export function diff(_question: Question, _old: string): Promise<number> {
  throw notYet('--diff', 'prove both contracts with --json, and compare the verdicts');
}
