/**
 * The prover's own hash: over its sources and z3's version. Proofs that another prover made are not taken for this one's.
 * Written by `vitest run src/prove/artefacts/filter -u`.
 *
 * @module
 */
export const VERIFIER = 'caa823f6ad5aac47e9fd4fe451f2add4741a8176543f14579eff7316ccf2737a';
