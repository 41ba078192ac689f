/**
 * Events → observations, and the processes behind them.
 *
 * @module
 */
export * from './declared.ts';
export * from './fields.ts';
export * from './observe.ts';
export * from './processes.ts';
