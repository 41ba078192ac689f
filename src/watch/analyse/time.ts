/**
 * Times of events in microseconds.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';

/** Microseconds since 1970 of an event's RFC 3339 time with microseconds. */
export function timeOf({ time }: Pick<LedgerEvent, 'time'>): number {
  const milliseconds = Date.parse(time);
  const fraction = /\.(\d{3})(\d{1,3})/.exec(time)?.[2] ?? '';
  return milliseconds * 1000 + Number(fraction.padEnd(3, '0'));
}
