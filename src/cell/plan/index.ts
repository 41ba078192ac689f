/**
 * From a contract to a plan, and from a plan to bytes.
 *
 * @module
 */
export { type Compiled, compilePlan, type PlanInput } from './compile.ts';
export type { AppliedLimit, GroupLimits } from './limits.ts';
export { encodePlan } from './wire.ts';
