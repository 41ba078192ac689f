/**
 * `prove --recorded`: what a contract gives beyond what a run used.
 *
 * @module
 */
import { notYet } from './format.ts';
import type { Question } from './types.ts';

/** @returns the exit code */
export function excess(_question: Question, _run: string): Promise<number> {
  throw notYet('--recorded', 'see what the run used: ringfence log show RUN');
}
