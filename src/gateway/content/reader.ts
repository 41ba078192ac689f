/**
 * Reads along while a request and its answer pass, and says afterwards what of them can be recognised elsewhere.
 *
 * @module
 */
import { createHash, type Hash } from 'node:crypto';
import type { RequestContent } from '../../contract/index.ts';
import { markOf, oddWords, packedLength, placesIn } from './words.ts';

/** Of a body so much goes into its digest, with its length; a larger one costs no more. Unit: bytes. */
const HASHED = 1024 * 1024;
/** Of a body so much is read as text. */
const READ = 64 * 1024;
const NAMED = 24;
const TOLD = 48;
const HEARD = 128;

class Side {
  #hash: Hash | undefined;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  length = 0;

  feed(piece: Uint8Array): void {
    const before = this.length;
    this.length += piece.length;
    if (before < HASHED) {
      this.#hash ??= createHash('sha256');
      this.#hash.update(before + piece.length > HASHED ? piece.subarray(0, HASHED - before) : piece);
    }
    if (this.#keptBytes < READ) {
      // a copy: the piece may be part of a buffer that is used again
      const part = Buffer.from(piece.subarray(0, READ - this.#keptBytes));
      this.#kept.push(part);
      this.#keptBytes += part.length;
    }
  }

  /** in hex, where the whole body went into it */
  digest(): { hex: string | undefined; mark: string } | undefined {
    if (!this.#hash) return undefined;
    const bytes = this.#hash.digest();
    const whole = this.length <= HASHED;
    const mark = markOf(whole ? bytes : Buffer.concat([bytes, Buffer.from(String(this.length))]));
    return { hex: whole ? bytes.toString('hex') : undefined, mark };
  }

  /** empty where it does not look like text */
  text(): string {
    const bytes = Buffer.concat(this.#kept);
    return bytes.subarray(0, 4096).includes(0) ? '' : bytes.toString('utf8');
  }
}

export class ContentReader {
  readonly #host: string;
  readonly #target: string;
  readonly #asked = new Side();
  readonly #answered = new Side();

  /** @param target path and query, as they were asked for */
  constructor(host: string, target: string) {
    this.#host = host;
    this.#target = target;
  }

  /** A piece of the request's body. */
  asked(piece: Uint8Array): void {
    this.#asked.feed(piece);
  }

  /** A piece of the answer's body, as the agent gets it. */
  answered(piece: Uint8Array): void {
    this.#answered.feed(piece);
  }

  /** Marks of what passed; `undefined` where there is nothing to recognise. Once. */
  content(): RequestContent | undefined {
    const asked = this.#asked.digest();
    const answered = this.#answered.digest();
    const path = this.#target.toLowerCase();
    const addressed = [asked, answered].some((side) => side?.hex !== undefined && path.includes(side.hex));
    const body = this.#asked.text();
    const words = (text: string, limit: number) => oddWords(text, limit).map((word) => markOf(word));
    const answer = this.#answered.text();
    const lists = {
      named: words(this.#target, NAMED),
      told: words(body, TOLD),
      heard: words(answer, HEARD),
      places: placesIn(this.#target, this.#host),
      mentions: placesIn(body, this.#host),
      shown: placesIn(answer, this.#host).map((place) => markOf(place)),
    };
    const packed = packedLength(this.#target) + packedLength(body);
    const content: RequestContent = {
      ...(asked && { asked: asked.mark }),
      ...(answered && { answered: answered.mark }),
      ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
      ...(packed > 0 && { packed }),
      ...(addressed && { addressed }),
    };
    return Object.keys(content).length > 0 ? content : undefined;
  }
}
