/**
 * `ringfence log follow`.
 *
 * @module
 */
import { followLedger, formatEvent } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { eventFilter } from '../event-filter.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';

export async function run({ options, args, terminal }: Invocation<'log follow'>): Promise<number> {
  const filter = eventFilter(options);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  for await (const event of followLedger(findRun(args[0]).ledger, stop.signal, { filter })) {
    terminal.out(options.json ? JSON.stringify(event) : formatEvent(event));
  }
  return EXIT.ok;
}
