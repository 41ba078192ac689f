/**
 * `prove --from`: other people's configuration.
 *
 * @module
 */
import { notYet } from './format.ts';
import type { ProveInvocation, Read, Setup, Subject } from './types.ts';

/** Reads FILE, or standard input for `-`, as `--from` says. */
export function readOther({ options }: ProveInvocation, _setup: Setup): Promise<Read<Subject>> {
  throw notYet(`--from ${options.from}`, 'write a contract that gives the same, and prove that');
}
