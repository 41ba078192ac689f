/**
 * The protocol verdict: a pure state machine over the first bytes of both directions. It holds a bounded prefix of
 * each and answers once; how the bytes were cut into chunks does not matter.
 *
 * @module
 */
import { ByteQueue } from '../bytes.ts';
import { CLIENT_RECOGNISERS, type Recognition, type Verdict } from './client.ts';
import { MAX_HELLO } from './client-hello.ts';
import { SERVER_RECOGNISERS } from './server.ts';

/** `up`: from the agent; `down`: from the server. */
export type Direction = 'up' | 'down';

/** Room for a fragmented ClientHello; every other recogniser decides within {@link MAX_PREFIX}. */
const HELD = MAX_HELLO + 1024;

/** Up to here every chunk is looked at: greetings are this short. */
const EAGER = 4096;

const UNKNOWN: Verdict = { protocol: 'unknown' };

/** The verdict for a prefix of one direction, `undefined` while a longer one may tell more. */
export function recognise(direction: Direction, bytes: Uint8Array): Verdict | undefined {
  if (bytes.length === 0) return undefined;
  let open = false;
  for (const recogniser of direction === 'up' ? CLIENT_RECOGNISERS : SERVER_RECOGNISERS) {
    const recognition: Recognition = recogniser(bytes);
    if (typeof recognition === 'object') return open ? undefined : recognition;
    if (recognition === 'maybe') open = true;
  }
  return open && bytes.length < HELD ? undefined : UNKNOWN;
}

export class Sniffer {
  readonly #held = { up: new ByteQueue(), down: new ByteQueue() };
  readonly #next = { up: 0, down: 0 };
  readonly #decided: Partial<Record<Direction, Verdict>> = {};

  /** Adds bytes (copied); returns the verdict so far, see {@link verdict}. */
  feed(direction: Direction, chunk: Uint8Array): Verdict | undefined {
    if (this.#decided[direction]) return this.verdict;
    const held = this.#held[direction];
    held.push(chunk.subarray(0, HELD - held.length));
    // a long prefix is looked at again only once it grew by an eighth: what trickles in must not cost quadratic time
    if (held.length >= this.#next[direction]) this.#look(direction);
    return this.verdict;
  }

  #look(direction: Direction): void {
    if (this.#decided[direction]) return;
    const held = this.#held[direction];
    this.#next[direction] = held.length < EAGER ? 0 : Math.min(HELD, held.length + (held.length >> 3));
    const verdict = recognise(direction, held.bytes);
    if (!verdict) return;
    this.#decided[direction] = verdict;
    held.take();
  }

  /** The client's bytes decide; a server that greets decides where the client's say nothing known. */
  get verdict(): Verdict | undefined {
    const { up, down } = this.#decided;
    if (up && up.protocol !== 'unknown') return up;
    if (down && down.protocol !== 'unknown') return down;
    return up && down;
  }

  /** When no more bytes come, or none are waited for: what it was, as far as can be told. */
  conclude(): Verdict {
    this.#look('up');
    this.#look('down');
    return this.verdict ?? UNKNOWN;
  }
}
