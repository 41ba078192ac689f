/**
 * Proofs of compiled artefacts that have been made, by hash.
 *
 * @module
 */
export * from './store.ts';
