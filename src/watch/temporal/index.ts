/**
 * The temporal monitor: obligations over time, judged while it passes.
 *
 * @module
 */
export { Clock } from './clock.ts';
export { correlationFormula } from './correlation.ts';
export { compileMonitor, fill, type MonitorRule, Monitors, observationSignature } from './detect.ts';
export type { Brief } from './dormant.ts';
export type { External, Fact, Field } from './evaluate.ts';
export { Monitor, Program, type ProgramOptions, type Solution } from './monitor.ts';
export { parseFormula } from './parse.ts';
export { parseSignature, type Signature } from './signature.ts';
export { type Formula, FormulaError } from './syntax.ts';
export type { Value } from './values.ts';
