/**
 * The intermediate form of set-ups, and the reader of contracts into it.
 *
 * @module
 */
export type * from './types.ts';
