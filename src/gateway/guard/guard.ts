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
  /** whom the client's first words are for, as soon as that is known: before any of them leaves */
  chosen?: Candidate;
  allowed?: Allowed;
  violation?: Violation;
  raw?: true;
  /** a ClientHello for this name: the gateway itself is to answer it, see `tls/` */
  terminate?: { candidate: Candidate; hello: Buffer; alpn: readonly string[] };
  /** bytes of `up` that count for no budget, because the agent did not write them; may be negative */
  uncounted?: number;
  /** the agent's side ends once what was released is written, the server's side at once */
  finish?: true;
  /** answers `end`: the other side ends too once what was released is written */
  half?: true;
  /** the flow ends at once, for this reason, and nobody in the cell is to blame */
  abort?: string;
}

export interface Guard {
  feed(direction: Direction, chunk: Uint8Array): Release;
  /** The client has begun something that cannot be judged until it sends more. */
  readonly unfinished: boolean;
  /** The client's bytes are not wanted for now: more would only be held. */
  readonly busy?: boolean;
  /** A side has sent its last byte: what follows from it. Without this, or with `half`, the end is passed on as it is. */
  end?(direction: Direction): Release;
  /** The flow is over, for this reason: the last moment to record what was under way. */
  closed?(reason: string): void;
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
