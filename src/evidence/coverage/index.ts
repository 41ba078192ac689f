/**
 * Coverage: which layer stops a claim's scenarios and which rule sees them, generated from reproductions; what was not measured is UNMEASURED.
 *
 * @module
 */
export {
  type ClaimCoverage,
  type CoverageWorld,
  claimCoverage,
  type Rate,
  rateOf,
  rateText,
  UNMEASURED,
} from './claim.ts';
export {
  type Coverage,
  coverageText,
  type MeasuredCounts,
  type MeasuredScenario,
  parseCoverage,
} from './file.ts';
export { clopperPearson, rateAtLeast, rateAtMost } from './intervals.ts';
