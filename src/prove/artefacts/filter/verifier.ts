/**
 * The prover's own hash: over its sources and z3's version. Proofs that another prover made are not taken for this one's.
 * Written by `vitest run src/prove/artefacts/filter -u`.
 *
 * @module
 */
export const VERIFIER = '8cf701a88700b55b31372d9812f047353a7ef5add27ec5ae7cfacdcc61bdb648';
