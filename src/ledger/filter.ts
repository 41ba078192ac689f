/**
 * Filters: which events somebody wants to see. The same meaning for reading, following, exporting and the index.
 *
 * @module
 */
import type { EventKind, LedgerEvent } from '../contract/index.ts';
import { formatEvent } from './format.ts';
import { parseTime } from './time.ts';

/** All conditions given must hold. */
export interface EventFilter {
  kinds?: readonly EventKind[];
  /** events of this process; verdict and end of a flow belong to the process that opened it */
  pid?: number;
  /** microseconds since 1970: from this time on */
  since?: number;
  /** microseconds since 1970: before this time */
  until?: number;
  flow?: string;
  /** only what was refused or broke the contract */
  denied?: boolean;
  /** occurs in the event's line as `formatEvent` writes it, in any case */
  text?: string;
  /** at most so many events, the first ones */
  limit?: number;
}

/** True for events that say that something was refused or broke the contract. */
export function isDenied(event: LedgerEvent): boolean {
  switch (event.kind) {
    case 'denial':
    case 'violation':
    case 'tampering':
      return true;
    case 'dns.query':
      return event.denied !== undefined;
    case 'flow.verdict':
      return !event.ok;
    case 'probe':
      return !event.ok;
    default:
      return false;
  }
}

/** The flow an event is about. */
export function flowOf(event: LedgerEvent): string | undefined {
  return 'flow' in event ? event.flow : undefined;
}

/** Finds the process of each event; remembers the owners of flows it has seen. */
export function pidFinder(): (event: LedgerEvent) => number | undefined {
  const flows = new Map<string, number>();
  return (event) => {
    const own = 'owner' in event ? event.owner?.pid : undefined;
    const flow = flowOf(event);
    if (flow === undefined) return own;
    const pid = own ?? flows.get(flow);
    if (event.kind === 'flow.open' && own !== undefined) flows.set(flow, own);
    if (event.kind === 'flow.close') flows.delete(flow);
    return pid;
  };
}

/** The text that `text` filters search in. */
export function searchText(event: LedgerEvent): string {
  return formatEvent(event).toLowerCase();
}

/** Makes a predicate of a filter, but for `limit`. Must see all events of a ledger in order: flows have owners. */
export function matcher(filter: EventFilter): (event: LedgerEvent) => boolean {
  const pidOf = pidFinder();
  const kinds = filter.kinds ? new Set<string>(filter.kinds) : undefined;
  const text = filter.text?.toLowerCase();
  return (event) => {
    const pid = pidOf(event);
    if (kinds && !kinds.has(event.kind)) return false;
    if (filter.pid !== undefined && pid !== filter.pid) return false;
    if (filter.flow !== undefined && flowOf(event) !== filter.flow) return false;
    if (filter.denied && !isDenied(event)) return false;
    if (filter.since !== undefined && !(parseTime(event.time) >= filter.since)) return false;
    if (filter.until !== undefined && !(parseTime(event.time) < filter.until)) return false;
    return text === undefined || searchText(event).includes(text);
  };
}
