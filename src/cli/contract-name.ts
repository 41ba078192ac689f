/**
 * The contract that a command is about: the one named, or the one that holds here.
 *
 * @module
 */
import { findContract } from '../contract/index.ts';
import { CommandError } from './errors.ts';

/**
 * @param named what `--contract` or an argument says
 * @returns the path of the contract's file
 * @throws CommandError where none is named and none is found
 */
export function contractFile(named: string | undefined): string {
  if (named !== undefined) return named;
  const found = findContract(process.cwd());
  if (!found.ok) throw new CommandError('no-contract', found.message, found.hint);
  return found.path;
}
