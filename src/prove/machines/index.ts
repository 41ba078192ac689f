/**
 * What is known of the machines that proofs rest on.
 *
 * @module
 */
export { EXPLORED, exploredLimit } from './explored.ts';
