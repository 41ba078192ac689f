/**
 * Campaigns: weak signals of many runs, and of a long time, joined.
 *
 * @module
 */
export * from './campaigns.ts';
export * from './evidence.ts';
export * from './extract.ts';
export * from './fields.ts';
export * from './judge.ts';
export * from './pressure.ts';
export * from './signal.ts';
export type * from './suspicions.ts';
