/**
 * What a change of a set-up opens and closes.
 *
 * @module
 */
export { compare } from './compare.ts';
export { givenBeyond, givenByFacts } from './given.ts';
export { differenceJson } from './json.ts';
export { differenceText, isOpened, isUnknown } from './text.ts';
export type { Difference, Given, HazardChange, Reached, Side, Way } from './types.ts';
