/**
 * The affordance model: contract and catalogue → facts, rules, and the hazards as goals.
 *
 * @module
 */
export { modelOf } from './build.ts';
export { gatesOf, RULES } from './rules.ts';
export {
  type Destination,
  type Gate,
  hazardFact,
  keyOf,
  type Model,
  type ModelInput,
  type Origin,
  undecidedFact,
} from './types.ts';
