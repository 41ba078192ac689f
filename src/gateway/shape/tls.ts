/**
 * What a TLS connection carries, from the lengths and times of its records (RFC 8446 §5): a shell that is driven from outside,
 * or mining. Both are guesses that many records make likely; nothing is decrypted.
 *
 * @module
 */
import { ByteQueue } from '../bytes.ts';
import { readClientHello } from '../sniff/client-hello.ts';
import type { Direction } from '../sniff/sniffer.ts';
import type { Shape, ShapeReader } from './shape.ts';
import { Shares } from './shares.ts';
import { Turns } from './turns.ts';

const APPLICATION_DATA = 23;
/** Content type and tag of an AEAD. Unit: bytes. */
const OVERHEAD = 17;
/** The first record of a shell is its prompt; a request is longer. Unit: bytes. */
const PROMPT = 96;
const ORDERS = 3;
/** Milliseconds after the first encrypted record in which a handshake is over. */
const HANDSHAKE = 200;

interface Record {
  header: number[];
  missing: number;
  type: number;
  length: number;
}

export class TlsReader implements ShapeReader {
  readonly #records: { up: Record; down: Record } = {
    up: { header: [], missing: 0, type: 0, length: 0 },
    down: { header: [], missing: 0, type: 0, length: 0 },
  };
  readonly #turns = new Turns();
  readonly #shares = new Shares();
  readonly #hello = new ByteQueue();
  #greeted = false;
  #since: number | undefined;
  #alpn = false;
  /** records of application data that each side sent; in TLS 1.3 the client's first is its Finished */
  #sent = { up: 0, down: 0 };
  /** the inside began with a prompt, or with an answer */
  #begun = false;
  #lost = false;
  #said = new Set<string>();

  get done(): boolean {
    return this.#lost || this.#said.size === 2;
  }

  get held(): number {
    return this.#hello.reserved;
  }

  get lost(): boolean {
    return this.#lost;
  }

  feed(direction: Direction, chunk: Uint8Array, at: number): Shape | undefined {
    if (direction === 'up' && !this.#greeted) this.#greet(chunk);
    const record = this.#records[direction];
    for (let from = 0; from < chunk.length; ) {
      if (record.missing > 0) {
        const taken = Math.min(record.missing, chunk.length - from);
        from += taken;
        record.missing -= taken;
        if (record.missing === 0) this.#record(direction, record.type, record.length, at);
        continue;
      }
      record.header.push(chunk[from] as number);
      from += 1;
      if (record.header.length < 5) continue;
      const [type = 0, major, , high = 0, low = 0] = record.header;
      record.header = [];
      record.type = type;
      record.length = high * 256 + low;
      record.missing = record.length;
      if (type < 20 || type > 24 || major !== 3 || record.length > 18_432) {
        this.#lost = true;
        return undefined;
      }
    }
    return this.#judge();
  }

  #greet(chunk: Uint8Array): void {
    this.#hello.push(chunk);
    const hello = readClientHello(this.#hello.bytes);
    if (hello.state === 'more') return;
    this.#greeted = true;
    this.#alpn = hello.state === 'done' && hello.hello.alpn.length > 0;
    this.#hello.take();
  }

  #record(direction: Direction, type: number, length: number, at: number): void {
    if (type !== APPLICATION_DATA) return;
    const bytes = Math.max(0, length - OVERHEAD);
    this.#sent[direction] += 1;
    const { ordered } = this.#turns;
    // a server's encrypted part of the handshake is no order
    this.#since ??= at;
    if (this.#sent.up > 0 || at - this.#since > HANDSHAKE) this.#turns.feed(direction, bytes, at);
    if (direction === 'up' && this.#sent.up <= 2)
      this.#begun = this.#turns.ordered > ordered || bytes <= PROMPT;
    this.#shares.feed(direction, bytes, at);
  }

  #judge(): Shape | undefined {
    if (!this.#said.has('stratum') && this.#shares.mining) {
      this.#said.add('stratum');
      return {
        shape: 'stratum',
        confidence: 0.8,
        detail:
          'inside TLS: messages of one length at uneven times, each answered at once, between pushes of work',
      };
    }
    const { ordered, bytes } = this.#turns;
    const driven = this.#turns.driven(ORDERS) && this.#turns.varied;
    if (!this.#said.has('interactive') && driven && !this.#alpn && this.#begun) {
      this.#said.add('interactive');
      return {
        shape: 'interactive',
        confidence: 0.7,
        detail: `inside TLS: the outside broke ${ordered} silences with ${bytes.orders} bytes and was answered with ${bytes.answers}`,
      };
    }
    return undefined;
  }
}
