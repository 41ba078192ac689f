/**
 * A guard judges one flow: it is given the bytes of both directions in order, holds back what is not yet judged, and
 * releases, or ends the flow. Guards are pure: no sockets, no clocks, and how bytes were cut into chunks changes nothing.
 *
 * @module
 */
import type { Candidate } from '../policy/pins.ts';
import type { Verdict } from '../sniff/client.ts';
import type { Direction } from '../sniff/sniffer.ts';

/** What a flow may be: the names pinned to its address, all with the same declared protocol or several. */
export type Candidates = readonly [Candidate, ...Candidate[]];

export interface Allowed {
  candidate: Candidate;
  verdict: Verdict;
  detail?: string;
}

export interface Violation {
  /** what is wrong, in words for the operator: `server_name is other.example.com` */
  why: string;
  /** contract field that is not met: `protocol`, `host` */
  field: 'protocol' | 'host';
  /** when the guard knows better than the sniffer */
  protocol?: string;
}

/** What a feed released. Chunks may alias the memory that was fed. `raw`: nothing more is judged. */
export interface Release {
  up: Uint8Array[];
  down: Uint8Array[];
  allowed?: Allowed;
  violation?: Violation;
  raw?: true;
}

export interface Guard {
  feed(direction: Direction, chunk: Uint8Array): Release;
  /** The client has begun something that cannot be judged until it sends more. */
  readonly unfinished: boolean;
}

export const nothing = (): Release => ({ up: [], down: [] });

export const violates = (
  why: string,
  field: Violation['field'] = 'protocol',
  protocol?: string,
): Release => ({
  up: [],
  down: [],
  violation: { why, field, ...(protocol === undefined ? {} : { protocol }) },
});
