/**
 * The objective: what it is known to need, what a contract gives beyond that, and whether it can be met at all.
 *
 * @module
 */

export type { Finding } from '../report/types.ts';
export { withObjective } from './enrich.ts';
export { type ContractInput, excessOf } from './excess.ts';
export { feasibilityFindings, type Shown } from './feasible.ts';
export { judge, namedIn } from './needs.ts';
export { excessText } from './text.ts';
export type { Evidence, Excess, ExcessReport, Judged, Left, NamedIn, Recorded } from './types.ts';
