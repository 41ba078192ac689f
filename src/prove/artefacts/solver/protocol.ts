/**
 * What the solver's process and its keeper say to each other, as JSON over the child's IPC channel.
 *
 * @module
 */

/** A question in SMT-LIB 2: declarations, definitions, assertions on bit-vectors. Is there a model? */
export interface Question {
  text: string;
}

/** Keeper → process. */
export interface Asked extends Question {
  id: number;
}

/** Process → keeper. */
export type Told =
  | { ready: true; version: string }
  | { failed: string }
  | { id: number; answer: 'unsatisfiable' }
  /** the values of constants; those left out may have any */
  | { id: number; answer: 'satisfiable'; model: Record<string, string> }
  | { id: number; answer: 'unknown'; reason: string };
