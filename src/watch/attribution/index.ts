/**
 * Attribution: which turn of the model and which tool call caused what is seen.
 *
 * @module
 */
export * from './attribution.ts';
