/**
 * Facts and Horn rules: everything that follows, by the shortest proofs, and what to take away so that something does not.
 *
 * @module
 */

export { type Change, type Repair, repair } from './repair.ts';
export { DEFAULT_LIMITS, solve } from './solve.ts';
export { listSteps, type ProofStep, premisesOf } from './steps.ts';
export {
  type Fact,
  type HornRule,
  type Limits,
  type Literal,
  type ProofTree,
  type Solution,
  type Solved,
  type Term,
  type World,
  WorldError,
} from './types.ts';
export { type Opened, WhatIf } from './whatif.ts';
