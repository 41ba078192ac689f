/**
 * Containment: whether one contract gives no more than another, with a concrete case where it does.
 *
 * @module
 */
export { asMaximum, exceeds } from './contain.ts';
export { containmentJson } from './json.ts';
export { containmentText } from './text.ts';
export type { Beyond, Containment, ContainmentOptions, Undecided } from './types.ts';
