/**
 * `ringfence version`.
 *
 * @module
 */
import { release } from 'node:os';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { VERSION } from '../installation.ts';

export function run({ options, terminal }: Invocation<'version'>): number {
  const facts = { ringfence: VERSION, node: process.versions.node, kernel: release(), machine: process.arch };
  terminal.out(options.json ? JSON.stringify(facts) : `ringfence ${VERSION}`);
  return EXIT.ok;
}
