/**
 * The shape of one TCP flow: chooses who reads it by its first bytes, and reports what is found, each shape once and again
 * when it is surer. Cheap for what is only a transfer: after a while nobody reads it any more, until it pauses. First bytes
 * that promise a protocol which does not come, and bytes to fill the beginning, hide no shell.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';
import { PlainReader } from './plain.ts';
import type { Shape, ShapeReader } from './shape.ts';
import { SshReader } from './ssh.ts';
import { TlsReader } from './tls.ts';

/** Milliseconds without a byte either way after which a flow may be used for something else. */
const PAUSE = 500;

export class FlowShape {
  #reader: ShapeReader | undefined;
  readonly #told = new Map<string, number>();
  #idle = false;
  #last = Number.NEGATIVE_INFINITY;

  /** What it keeps of what went by. Unit: bytes. */
  get held(): number {
    return this.#reader?.held ?? 0;
  }

  /** Sees bytes on their way; `at`: milliseconds. */
  feed(direction: Direction, chunk: Uint8Array, at: number): Shape | undefined {
    if (chunk.length === 0) return undefined;
    const pause = at - this.#last >= PAUSE;
    this.#last = at;
    if (this.#idle) {
      if (!pause) return undefined;
      this.#idle = false;
      this.#reader = new PlainReader({ begun: true });
    }
    this.#reader ??= readerFor(direction, chunk);
    const shape = this.#reader.feed(direction, chunk, at);
    if (this.#reader.lost) this.#reader = new PlainReader({ begun: true });
    else if (this.#reader.done) this.#idle = true;
    if (!shape || shape.confidence <= (this.#told.get(shape.shape) ?? 0)) return undefined;
    this.#told.set(shape.shape, shape.confidence);
    return shape;
  }
}

function readerFor(direction: Direction, chunk: Uint8Array): ShapeReader {
  const [a, b, c, d] = chunk;
  if (a === 0x53 && (b ?? 0x53) === 0x53 && (c ?? 0x48) === 0x48 && (d ?? 0x2d) === 0x2d)
    return new SshReader();
  if (direction === 'up' && a === 22 && (b ?? 3) === 3) return new TlsReader();
  return new PlainReader();
}
