/**
 * Everything that watches a run of a contract, put together.
 *
 * @module
 */
export * from './assemble.ts';
