/**
 * The contract's own lines, watched as obligations over time.
 *
 * @module
 */
export { clauseRules, clauses } from './clauses.ts';
