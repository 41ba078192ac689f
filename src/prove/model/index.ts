/**
 * The affordance model: set-up and catalogue → facts, rules, and the hazards as goals.
 *
 * @module
 */
export { modelOf } from './build.ts';
export { gatesOf } from './gates.ts';
export { RULES } from './rules/index.ts';
export {
  type Destination,
  type Gate,
  hazardFact,
  keyOf,
  type Model,
  type ModelInput,
  type Origin,
  settingIn,
  undecidedFact,
} from './types.ts';
