/**
 * From a contract to a plan, and from a plan to bytes.
 *
 * @module
 */
export { type Compiled, compilePlan, findWorkspace, type PlanInput } from './compile.ts';
export { type Person, scrubbedEnvironment } from './environment.ts';
export { hiddenPaths } from './hide.ts';
export { type AppliedLimit, applyLimits, type GroupLimits } from './limits.ts';
export { programRules } from './programs.ts';
export { encodePlan } from './wire.ts';
