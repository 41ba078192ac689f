/**
 * The prover's own hash: over its sources and z3's version. Proofs that another prover made are not taken for this one's.
 * Written by `vitest run src/prove/artefacts/filter -u`.
 *
 * @module
 */
export const VERIFIER = 'c778329fa2d9206f44a031deee1d4e4b9009d6f4d876f1cc7519f6f02c384e58';
