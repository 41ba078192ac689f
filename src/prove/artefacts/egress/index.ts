/**
 * Proofs about what a gateway is told to let pass.
 *
 * @module
 */
export { proveJudges } from './judges.ts';
export { egressText, proveEgress } from './prove.ts';
export { beyondRule, hostPattern } from './rules.ts';
export type { EgressBreach, EgressFacts, EgressVerdict } from './types.ts';
