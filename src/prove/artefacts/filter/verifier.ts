/**
 * The prover's own hash: over its sources and z3's version. Proofs that another prover made are not taken for this one's.
 * Written by `vitest run src/prove/artefacts/filter -u`.
 *
 * @module
 */
export const VERIFIER = '4ca3c673c86c4575b8d0cf6047521fb490e880d264d4f1f726c64dfbefe6315f';
