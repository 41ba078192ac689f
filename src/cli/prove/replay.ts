/**
 * `prove --replay`: the paths that were found, tried in cells of their own.
 *
 * @module
 */
import { notYet } from './format.ts';
import type { Question, Subject } from './types.ts';

/** The subject, with what became of each path. */
export function replay(_question: Question): Promise<Subject> {
  throw notYet('--replay', 'type the commands of the report in a cell: ringfence run -- sh');
}
