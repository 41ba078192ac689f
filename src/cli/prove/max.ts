/**
 * `prove --max`: whether a contract gives no more than another one does.
 *
 * @module
 */
import { notYet } from './format.ts';
import type { Question } from './types.ts';

/** @returns the exit code */
export function max(_question: Question, _file: string): Promise<number> {
  throw notYet('--max', 'compare what "ringfence check" says of both contracts');
}
