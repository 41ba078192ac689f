/**
 * The intermediate form of set-ups, and the reader of contracts into it.
 *
 * @module
 */
export { type ReadOptions, settingOf } from './contract.ts';
export type * from './types.ts';
