/**
 * The objective: what it is known to need, what a contract gives beyond that, and whether it can be met at all.
 *
 * @module
 */
export { type ContractInput, excessOf } from './excess.ts';
export { feasibilityFindings, type Shown } from './feasible.ts';
export { judge, namedIn } from './needs.ts';
export { excessText, findingLines } from './text.ts';
export type { Evidence, Excess, ExcessReport, Finding, Judged, Left, NamedIn, Recorded } from './types.ts';
