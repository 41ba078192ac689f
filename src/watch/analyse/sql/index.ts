/**
 * SQL in commands and tool calls, statement by statement.
 *
 * @module
 */
export { type SqlText, sqlOfCall, sqlOfCommand } from './sources.ts';
export { type Statement, statementsOf } from './statements.ts';
