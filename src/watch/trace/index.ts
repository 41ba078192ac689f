/**
 * Who caused what: the record of a run as a graph, and the two ways through it.
 *
 * @module
 */
export * from './graph.ts';
export * from './tree.ts';
