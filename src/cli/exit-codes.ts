/**
 * Every exit code of the program, in one place. Codes below 121 of `run` are the contained program's own.
 *
 * @module
 */

export const EXIT = {
  ok: 0,
  /** The command ran and its answer is no: nothing found, or a remark (`check`), or a broken record (`log verify`). */
  failed: 1,
  /** Wrong arguments, or (`check`) an invalid contract. */
  usage: 2,
  /** `prove`: nothing is refuted, but of something nothing is known. */
  unknown: 3,
  /** `evidence verify`: what holds is about something that changed since. */
  stale: 3,
  /** `rules check`: all rules can be used, but one needs what is not recorded. */
  lacking: 3,
  /** `apply`: what is there is not what was reviewed, or nothing was. */
  notReviewed: 3,
  /** `case`: evidence was found that does not verify. */
  damaged: 4,
  /** `apply`, `undo`: the original changed meanwhile; nothing was changed. */
  conflict: 4,
  /** `apply`: something in the selection never lands: a device, a set-user-id file … Nothing was changed. */
  refused: 5,
  /** `log export --to`: the receiver did not take it. Nothing is lost. */
  notTaken: 6,
  /** `run --require-grade`: the program ended, and the grading does not show that it succeeded. */
  ungraded: 121,
  /** `run`: stopped because the contract was violated. */
  violation: 122,
  /** `run`: what was to be loaded is not proved to be what the contract asks for; nothing ran. */
  notProved: 123,
  /** `run`: a budget or limit ran out; the number that timeout(1) uses. */
  budget: 124,
  /** `run`: Ringfence could not contain the program; nothing ran. The number that env(1) and timeout(1) use. */
  notContained: 125,
  /** `run`: the program was found but could not be executed, as in shells. */
  notExecutable: 126,
  /** `run`: the program was not found, as in shells. */
  notFound: 127,
} as const;

/** Exit code that shells give to a program that died of a signal: 128 + its number. */
export const exitCodeOfSignal = (signal: number): number => 128 + signal;
