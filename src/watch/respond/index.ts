/**
 * What is done about what was found.
 *
 * @module
 */
export * from './response.ts';
