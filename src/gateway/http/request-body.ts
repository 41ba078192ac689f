/**
 * The body of a request: read in the agent's framing, counted, and written in ours; or, of a request that was denied,
 * thrown away.
 *
 * @module
 */
import { BodyReader } from './body.ts';
import type { Exchange } from './exchange.ts';
import type { Framing } from './head.ts';
import { pushEnd, pushPiece } from './write.ts';

export type Taken =
  | { state: 'more' }
  /** `used`: bytes of the input that belong to the body */
  | { state: 'done'; used: number }
  | { state: 'too long' }
  | { state: 'malformed'; why: string };

export class RequestBody {
  readonly #reader: BodyReader;
  readonly #chunked: boolean;
  #drained: boolean;
  #left: number;
  #isWhole = false;
  #into: Uint8Array[] = [];

  /** `limit`: bytes that it may have. Without an exchange it is thrown away. */
  constructor(framing: Framing, limit: number, exchange: Exchange | undefined) {
    this.#left = limit;
    this.#chunked = framing.kind === 'chunked';
    this.#drained = exchange === undefined;
    this.#reader = new BodyReader(framing, false, (piece) => {
      this.#left -= piece.length;
      if (this.#left < 0 || this.#drained || !exchange) return;
      exchange.sent += piece.length;
      exchange.content.asked(piece);
      pushPiece(this.#into, piece, this.#chunked);
    });
  }

  /** It is of a request that is not made: read and thrown away. */
  get drained(): boolean {
    return this.#drained;
  }

  /** Throws away what is left of it, of which there may be `more` bytes than before. @returns whether that is over */
  drain(more: number): boolean {
    this.#drained = true;
    this.#left += more;
    return this.#left < 0 || this.#isWhole;
  }

  /** Reads bytes of the agent's; `into` gets what the server may have of them, and is to be thrown away on a failure. */
  feed(bytes: Uint8Array, into: Uint8Array[]): Taken {
    this.#into = into;
    const result = this.#reader.feed(bytes);
    if (!result.ok) return { state: 'malformed', why: result.why };
    this.#isWhole = result.done;
    if (this.#left < 0) return { state: 'too long' };
    if (!result.done) return { state: 'more' };
    if (!this.#drained) pushEnd(into, this.#chunked);
    return { state: 'done', used: result.used };
  }
}
