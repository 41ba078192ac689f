/**
 * The contract's own lines, watched as obligations over time.
 *
 * @module
 */
export { clauseBriefs, clauseRules, clauses } from './clauses.ts';
