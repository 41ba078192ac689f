/**
 * The prover's own hash: over its sources and z3's version. Proofs that another prover made are not taken for this one's.
 * Written by `vitest run src/prove/artefacts/filter -u`.
 *
 * @module
 */
export const VERIFIER = '2f3ac50d3e6a5b53a7cbc8f1bccad150bb92b3d4b984858f51e3f905b8ebc93d';
