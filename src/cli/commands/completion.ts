/**
 * `ringfence completion`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { type Shell, writeCompletion } from '../completion.ts';
import { EXIT } from '../exit-codes.ts';

export function run({ args, terminal }: Invocation<'completion'>): number {
  terminal.out(writeCompletion(args[0] as Shell).trimEnd());
  return EXIT.ok;
}
