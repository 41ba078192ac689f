/**
 * What a run that was contained ends with.
 *
 * @module
 */
import { constants } from 'node:os';
import { EXIT, exitCodeOfSignal } from '../exit-codes.ts';
import type { RunGrade } from './grade-summary.ts';
import { isBudget, type Outcome } from './outcome.ts';

/** What a program did before it was stopped for an attack is not looked at as work. */
export const isGradable = (reason: string): boolean => reason === 'ended' || isBudget(reason);

/** The exit code of `run`. `requireGrade`: a grading must show that the program succeeded. */
export function exitStatus(
  outcome: Extract<Outcome, { contained: true }>,
  requireGrade: boolean,
  grade: RunGrade | undefined,
): number {
  const { reason, exit } = outcome;
  if (requireGrade && isGradable(reason) && grade?.reward?.true !== 1) return EXIT.ungraded;
  if (isBudget(reason)) return EXIT.budget;
  if (reason !== 'ended' && reason !== 'stopped') return EXIT.violation;
  if (exit.signal !== undefined) return exitCodeOfSignal(exit.signal);
  return exit.code ?? exitCodeOfSignal(constants.signals.SIGKILL);
}
