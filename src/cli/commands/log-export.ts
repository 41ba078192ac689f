/**
 * `ringfence log export`.
 *
 * @module
 */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { exportEvents, readLedger } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { eventFilter } from '../event-filter.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';

export async function run({ options, args, terminal }: Invocation<'log export'>): Promise<number> {
  const filter = eventFilter(options);
  const pieces = exportEvents(readLedger(findRun(args[0]).ledger, filter), options.format ?? 'jsonl');
  if (options.output === undefined) {
    for await (const piece of pieces) terminal.raw(piece);
    return EXIT.ok;
  }
  // What an agent did is the operator's business alone.
  const file = openSync(options.output, 'w', 0o600);
  try {
    for await (const piece of pieces) writeFileSync(file, piece);
  } finally {
    closeSync(file);
  }
  return EXIT.ok;
}
