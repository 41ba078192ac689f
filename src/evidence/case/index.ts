/**
 * The safety case of a contract on this machine: per hazard, can it happen, is it contained, is it seen, who bears it, and how it is known.
 *
 * @module
 */
export { buildCase, commandsOf, problemsOf, type Red, redGroups } from './build.ts';
export { caseJson, readCase } from './data.ts';
export { type CaseDiff, diffCases, type HazardChange } from './diff.ts';
export type { CaseInput, Held } from './input.ts';
export { casePage } from './page.ts';
export { acceptLines, attemptOf, toldTogether } from './remedy.ts';
export {
  type CaseProblem,
  type CaseStep,
  caseSchema,
  type HazardCase,
  type Link,
  type SafetyCase,
  STANDINGS,
  type Standing,
} from './schema.ts';
