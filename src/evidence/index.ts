/**
 * The evidence base: claims about what AI systems do, each with its sources, objections and a status that is derived.
 *
 * @module
 */
export * from './load.ts';
export type { Cite } from './schema/parts.ts';
export * from './words.ts';
