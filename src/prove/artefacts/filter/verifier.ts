/**
 * The prover's own hash: over its sources and z3's version. Proofs that another prover made are not taken for this one's.
 * Written by `vitest run src/prove/artefacts/filter -u`.
 *
 * @module
 */
export const VERIFIER = '8d44cd004375f33217ae198d499d673eabd4e6519b7d2755b250e19eb5196c49';
