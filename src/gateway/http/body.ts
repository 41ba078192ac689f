/**
 * Finds where a message body ends. Bytes are looked at, never kept, except a chunk-size line or trailers cut in two.
 *
 * @module
 */
import { checkTrailers, type Framing } from './head.ts';

const MAX_SIZE_LINE = 256;
const MAX_TRAILERS = 8192;

/** `used`: bytes of the input that belong to this body. */
export type BodyResult = { ok: true; used: number; done: boolean } | { ok: false; why: string };

type State = 'size' | 'data' | 'data-end' | 'trailers';

export class BodyReader {
  readonly #framing: Framing;
  readonly #extensions: boolean;
  #left: number;
  #state: State = 'size';
  #line = '';
  #trailers: string[] = [];
  #trailerBytes = 0;
  readonly #content: ((piece: Uint8Array) => void) | undefined;

  /**
   * `extensions`: whether chunk extensions are tolerated (responses); in requests they end the flow. `content` is given
   * the body without its framing, in pieces of what was fed.
   */
  constructor(framing: Framing, extensions: boolean, content?: (piece: Uint8Array) => void) {
    this.#framing = framing;
    this.#extensions = extensions;
    this.#content = content;
    this.#left = framing.kind === 'length' ? framing.length : 0;
  }

  feed(bytes: Uint8Array): BodyResult {
    if (this.#framing.kind === 'none') return { ok: true, used: 0, done: true };
    if (this.#framing.kind === 'close') {
      this.#content?.(bytes);
      return { ok: true, used: bytes.length, done: false };
    }
    if (this.#framing.kind === 'chunked') return this.#chunked(bytes);
    const used = Math.min(bytes.length, this.#left);
    this.#left -= used;
    if (used > 0) this.#content?.(bytes.subarray(0, used));
    return { ok: true, used, done: this.#left === 0 };
  }

  #chunked(bytes: Uint8Array): BodyResult {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'data') {
        const used = Math.min(bytes.length - at, this.#left);
        this.#left -= used;
        this.#content?.(bytes.subarray(at, at + used));
        at += used;
        if (this.#left === 0) this.#state = 'data-end';
        continue;
      }
      const byte = bytes[at] as number;
      at += 1;
      this.#line += String.fromCharCode(byte);
      if (byte !== 0x0a) {
        if (this.#line.length > (this.#state === 'trailers' ? MAX_TRAILERS : MAX_SIZE_LINE)) {
          return { ok: false, why: 'chunk line too long' };
        }
        if (this.#state === 'data-end' && !'\r\n'.startsWith(this.#line)) {
          return { ok: false, why: 'chunk data longer than its size' };
        }
        continue;
      }
      const line = this.#line.slice(0, -2);
      if (!this.#line.endsWith('\r\n') || line.includes('\r'))
        return { ok: false, why: 'bare CR or LF in a chunk line' };
      this.#line = '';
      const end = this.#endOfLine(line);
      if (end === 'done') return { ok: true, used: at, done: true };
      if (end) return { ok: false, why: end };
    }
    return { ok: true, used: at, done: false };
  }

  #endOfLine(line: string): string | undefined {
    if (this.#state === 'data-end') {
      if (line !== '') return 'chunk data longer than its size';
      this.#state = 'size';
      return undefined;
    }
    if (this.#state === 'size') {
      const [, size, extension] = /^([0-9A-Fa-f]{1,12})([ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/.exec(line) ?? [];
      if (size === undefined) return 'malformed chunk size';
      if (extension !== undefined && !this.#extensions) return 'chunk extension';
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailers' : 'data';
      return undefined;
    }
    if (line === '') return checkTrailers(this.#trailers) ?? 'done';
    this.#trailers.push(line);
    this.#trailerBytes += line.length;
    return this.#trailerBytes > MAX_TRAILERS ? 'trailers too long' : undefined;
  }
}
