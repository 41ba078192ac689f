/**
 * Proofs about plans: what the launcher would make of one is no more than the contract gives.
 *
 * @module
 */
export { brokenPromise, unkeptPromise } from './effective.ts';
export { type HelperFacts, proveHelperPlan } from './helper.ts';
export { addressBytes } from './pins.ts';
export { breachText, proveCellPlan } from './prove.ts';
export { proveReducedPlan } from './reduced.ts';
export { type Breach, type CellFacts, type PlanVerdict, PROMISES, type Promised } from './types.ts';
export { readView, View } from './view.ts';
