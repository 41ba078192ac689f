/**
 * Seccomp filters: their programs read, interpreted, and proved to be their tables.
 *
 * @module
 */
export { type CheckedFilter, checkFilter, filterKey } from './check.ts';
export { type Call, interpret, interpreterOf, type Outcome } from './interpret.ts';
export { meaningOf, meaningText, RETURN } from './meaning.ts';
export { checkProgram, decode, type Instruction } from './program.ts';
export { type CounterExample, type FilterVerdict, proveFilter } from './prove.ts';
export { VERIFIER } from './verifier.ts';
export { testHolds, wantedOf } from './wanted.ts';
