/**
 * What a flow in the clear, or in a protocol nobody knows, is used for: a shell or a client's protocol that comes from
 * outside, a tunnel inside WebSocket, mining under any name.
 *
 * @module
 */
import { type Direction, recognise } from '../sniff/sniffer.ts';
import { Frames } from './frames.ts';
import { NoiseHandshake } from './noise.ts';
import type { Shape, ShapeName, ShapeReader } from './shape.ts';
import { Shares } from './shares.ts';
import { Shell } from './shell.ts';
import { Turns } from './turns.ts';

/** Bytes after which a flow is a transfer. */
const LONG = 1024 * 1024;
const ORDERS = 4;

/** What a client says first: from a server, it is a client outside that comes in over a connection made from inside. */
const CLIENTS = new Set(['tls', 'http', 'connect', 'websocket', 'socks4', 'socks5', 'postgres', 'http2']);
/** Who speaks first in these is the server, and what follows is known. */
const MINING_TEXT = /"method"\s*:\s*"mining\.(?:subscribe|authorize|submit|notify|set_difficulty)"/;

export class PlainReader implements ShapeReader {
  readonly #shell = new Shell();
  readonly #turns = new Turns();
  readonly #shares = new Shares();
  readonly #noise = new NoiseHandshake();
  #frames: Frames | undefined;
  readonly #said = new Set<ShapeName>();
  #up = '';
  #down: Buffer = Buffer.alloc(0);
  #downFirst: boolean | undefined;
  #http = false;
  #bytes = 0;
  readonly #begun: boolean;

  /** `begun`: the flow was something else before, so that who speaks first says nothing, and only what is said does */
  constructor({ begun = false }: { begun?: boolean } = {}) {
    this.#begun = begun;
  }

  get done(): boolean {
    const saysNothing = (this.#begun || this.#http) && this.#shell.done;
    return this.#bytes > LONG || saysNothing || (this.#frames?.done ?? false);
  }

  get held(): number {
    return this.#up.length + this.#down.length + (this.#frames?.held ?? 0);
  }

  feed(direction: Direction, chunk: Uint8Array, at: number): Shape | undefined {
    this.#bytes += chunk.length;
    if (this.#begun) return this.#commanded(direction, chunk) ?? this.#told(chunk);
    this.#downFirst ??= direction === 'down';
    if (direction === 'up' && this.#up.length < 1024) this.#look(chunk);
    if (this.#frames) return this.#framed(direction, chunk);
    if (this.#http) return this.#commanded(direction, chunk);
    if (this.#noise.feed(direction, chunk)) {
      return this.#say('stratum-v2', 0.9, 'begins with the handshake of Stratum version 2 (Noise)');
    }
    this.#turns.feed(direction, chunk.length, at);
    this.#shares.feed(direction, chunk.length, at);
    return this.#fromOutside(direction, chunk) ?? this.#driven(direction, chunk) ?? this.#mining(chunk);
  }

  #look(chunk: Uint8Array): void {
    this.#up += Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, 1024)).toString('latin1');
    if (this.#downFirst) return;
    const first = recognise('up', Buffer.from(this.#up, 'latin1'));
    if (first?.protocol === 'websocket') this.#frames ??= new Frames();
    this.#http = first?.protocol === 'http' || first?.protocol === 'http2';
  }

  #framed(direction: Direction, chunk: Uint8Array): Shape | undefined {
    const frames = this.#frames as Frames;
    frames.feed(direction, chunk);
    if (frames.found === undefined) return undefined;
    const shape = frames.found === 'stratum' ? 'stratum' : 'websocket-tunnel';
    return this.#say(shape, 0.95, `WebSocket messages carry ${frames.found}`);
  }

  /** A client's first words from the server, before the inside said anything: it is the inside that serves. */
  #fromOutside(direction: Direction, chunk: Uint8Array): Shape | undefined {
    if (direction === 'up' || !this.#downFirst || this.#up !== '' || this.#down.length > 1024)
      return undefined;
    this.#down = Buffer.concat([this.#down, chunk.subarray(0, 1024)]);
    const verdict = recognise('up', this.#down);
    if (!verdict || !CLIENTS.has(verdict.protocol)) return undefined;
    return this.#say('reverse-tunnel', 0.9, `the outside began as a client of ${verdict.protocol}`);
  }

  /** A shell in the clear. */
  #commanded(direction: Direction, chunk: Uint8Array): Shape | undefined {
    if (!this.#shell.done) this.#shell.feed(direction, chunk);
    if (!this.#shell.found) return undefined;
    const seen = [...this.#shell.seen].filter((what) => !what.startsWith('command ')).join(', ');
    return this.#say('interactive', 0.95, `a shell answers the outside: ${seen || 'commands'}`);
  }

  #driven(direction: Direction, chunk: Uint8Array): Shape | undefined {
    const shell = this.#commanded(direction, chunk);
    if (shell || this.#shell.found) return shell;
    const { ordered, bytes, outsideFirst } = this.#turns;
    if (!outsideFirst || this.#shell.known || !this.#turns.driven(ORDERS)) return undefined;
    return this.#say(
      'interactive',
      0.6,
      `the outside broke ${ordered} silences with ${bytes.orders} bytes and was answered with ${bytes.answers}`,
    );
  }

  #mining(chunk: Uint8Array): Shape | undefined {
    const told = this.#told(chunk);
    if (told) return told;
    if (!this.#shares.mining) return undefined;
    return this.#say(
      'stratum',
      0.7,
      'messages of one length at uneven times, each answered at once, between pushes of work',
    );
  }

  #told(chunk: Uint8Array): Shape | undefined {
    if (chunk[0] === 0x7b || chunk[0] === 0x5b) {
      const text = Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, 2048)).toString(
        'latin1',
      );
      if (MINING_TEXT.test(text)) return this.#say('stratum', 0.98, 'Stratum messages');
    }
    return undefined;
  }

  #say(shape: ShapeName, confidence: number, detail: string): Shape | undefined {
    const key = shape;
    if (this.#said.has(key)) return undefined;
    this.#said.add(key);
    return { shape, confidence, detail };
  }
}
