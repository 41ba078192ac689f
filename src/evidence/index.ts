/**
 * The evidence base: claims about what AI systems do, each with its sources, objections and a status that is derived.
 *
 * @module
 */
export * from './certainty.ts';
export * from './cites.ts';
export { compileEvidence, openCompiled } from './compiled.ts';
export * from './figure.ts';
export * from './graph.ts';
export * from './load.ts';
export * from './plain.ts';
export { type Cite, isDate } from './schema/parts.ts';
export * from './status.ts';
export * from './words.ts';
