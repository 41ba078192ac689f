/**
 * The catalogue of affordances: steps that a contract may leave open, as data in `rules/affordances/`.
 *
 * @module
 */
export * from './compiled.ts';
export { digestOf, readTexts, stampOf } from './digest.ts';
export * from './load.ts';
export { openCatalogue } from './open.ts';
export { affordanceReference } from './reference.ts';
export type { Match, Witness, WrittenAffordance } from './schema.ts';
export * from './witness.ts';
export * from './words.ts';
