/**
 * What honest runs do, and how strange another is beside them.
 *
 * @module
 */
export { type Places, Profile } from './features.ts';
export { digestOf, type ReadBaseline, readBaseline, writeBaseline } from './file.ts';
export { Novelty } from './novelty.ts';
export { type Baseline, BUDGET, makeBaseline, strangeness } from './score.ts';
