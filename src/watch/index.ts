/**
 * Watch: what happens, judged while it happens.
 *
 * @module
 */
export type * from './detector.ts';
export type * from './observation.ts';
