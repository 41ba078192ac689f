/**
 * z3 in a process that can be ended: asked in SMT-LIB, with a deadline and a cap on memory.
 *
 * @module
 */
export type { Question } from './protocol.ts';
export { openSolver, type Solver, type SolverAnswer, type SolverOptions } from './solver.ts';
