/**
 * Verdicts on a contract, hazard by hazard, as data, as text for people, and as JSON.
 *
 * @module
 */

export { commandOf, quote, readsData } from './command.ts';
export { reportJson } from './json.ts';
export { groupBy, listed, WIDTH, wrap } from './layout.ts';
export { COVERS_NOT } from './limits.ts';
export { stepsOf } from './steps.ts';
export { reportText } from './text.ts';
export type { Trail } from './trail.ts';
export type {
  Closed,
  Finding,
  Proved,
  Reason,
  Refuted,
  Replayed,
  Report,
  Step,
  Unknown,
  Verdict,
} from './types.ts';
export { prove, proveModel } from './verdicts.ts';
export { type Colour, type Place, type View, written } from './view.ts';
