/**
 * `ringfence man`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { writeManual } from '../manual.ts';

export function run({ terminal }: Invocation<'man'>): number {
  terminal.out(writeManual().trimEnd());
  return EXIT.ok;
}
