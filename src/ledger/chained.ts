/**
 * Events with the hash that the chain has of each: what somebody cites who wants to be held to it.
 *
 * @module
 */
import type { LedgerEvent } from '../contract/index.ts';
import { LedgerError } from './errors.ts';
import { listSegments, segmentName } from './files.ts';
import { eventOf, parseRecord, readLine } from './record.ts';
import { scanSegment } from './scan.ts';

export interface ChainedEvent {
  event: LedgerEvent;
  /** SHA-256 of the record, lower-case hex */
  hash: string;
}

/**
 * Yields the events of a ledger in order. What was said to models and by them stays encrypted.
 *
 * @throws LedgerError `ledger-missing` where a line is not the record that was hashed
 */
export function* readChained(dir: string): Generator<ChainedEvent, void, undefined> {
  for (const segment of listSegments(dir))
    for (const line of scanSegment(dir, segment)) {
      if (!line.ended) continue;
      const record = parseRecord(line.bytes);
      if (!record || readLine(line.bytes).state !== 'intact')
        throw new LedgerError(
          'ledger-missing',
          `${dir}/${segmentName(segment)}:${line.line} is not the record that was written`,
          'Run: ringfence log verify. It says what is wrong with the ledger.',
        );
      yield { event: eventOf(record), hash: record.hash };
    }
}
