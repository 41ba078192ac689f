/**
 * `ringfence log show`.
 *
 * @module
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEvent } from '../../contract/index.ts';
import { type EventFilter, formatEvent, openIndex, readLedger } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { eventFilter } from '../event-filter.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';

/** Below this many bytes, reading all of a ledger takes less time than looking into its index. */
const INDEX_ABOVE = 16 * 2 ** 20;

export async function run({ options, args, terminal }: Invocation<'log show'>): Promise<number> {
  const filter = eventFilter(options);
  for await (const event of matching(findRun(args[0]).ledger, filter)) {
    terminal.out(options.json ? JSON.stringify(event) : formatEvent(event));
  }
  return EXIT.ok;
}

function matching(ledger: string, filter: EventFilter): AsyncIterable<LedgerEvent> | Iterable<LedgerEvent> {
  const selective =
    filter.pid !== undefined || filter.flow !== undefined || filter.kinds !== undefined || filter.denied;
  if (!selective || sizeOf(ledger) < INDEX_ABOVE) return readLedger(ledger, filter);
  const index = openIndex(ledger);
  try {
    return index.query(filter);
  } finally {
    index.close();
  }
}

function sizeOf(folder: string): number {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
