/**
 * `ringfence log show`.
 *
 * @module
 */
import { formatEvent, readLedger } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { eventFilter } from '../event-filter.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';

export async function run({ options, args, terminal }: Invocation<'log show'>): Promise<number> {
  const filter = eventFilter(options);
  for await (const event of readLedger(findRun(args[0]).ledger, filter)) {
    terminal.out(options.json ? JSON.stringify(event) : formatEvent(event));
  }
  return EXIT.ok;
}
