/**
 * `ringfence log erase`.
 *
 * @module
 */
import { eraseTranscript, lockHolder } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';

export function run({ args, terminal }: Invocation<'log erase'>): number {
  const { id, ledger } = findRun(args[0]);
  // what is still to be said would be sealed with the same key
  if (lockHolder(ledger) !== undefined)
    throw new CommandError('busy', `${id} is going on`, `wait for its end, or end it: ringfence stop ${id}`);
  terminal.out(
    eraseTranscript(ledger)
      ? `${id}: what was said cannot be read any more; the record verifies as before`
      : `${id}: nothing was said that could be erased`,
  );
  return EXIT.ok;
}
