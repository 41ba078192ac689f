/**
 * The engine: events in, findings and responses out.
 *
 * @module
 */
export * from './matters.ts';
export * from './pace.ts';
export * from './trail.ts';
export * from './watch.ts';
