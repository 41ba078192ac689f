/**
 * Watch: what happens, judged while it happens.
 *
 * @module
 */
export type { Setting } from './analyse/index.ts';
export { type ChangedText, isScript, observationsOf, type Step } from './analyse/index.ts';
export type * from './analyser.ts';
export { ruleDetectors, type Watchers, type WatchRule, watchersOf } from './assemble/index.ts';
export { type Campaign, Campaigns, Pressure } from './campaign/index.ts';
export { CampaignLink, JudgeBench, type LinkOptions } from './campaign/share/index.ts';
export { COMPUTE_RULES, computeDetectors, cpuOf } from './compute/index.ts';
export type * from './detector.ts';
export { type Clocks, type Finding, Pace, Watch, type WatchOptions } from './engine/index.ts';
export type * from './observation.ts';
export { FIELDS, type LookUp, Observer, type Process, Processes } from './observe/index.ts';
export type { Prefilters } from './sigma/compile.ts';
export type { Expression } from './sigma/types.ts';
