/**
 * The prover's own hash: over its sources and z3's version. Proofs that another prover made are not taken for this one's.
 * Written by `vitest run src/prove/artefacts/filter -u`.
 *
 * @module
 */
export const VERIFIER = '14b5318aff43fbffaff2cf58ab704f7e50ea54bf9f658e789adcf0c1c09a069b';
