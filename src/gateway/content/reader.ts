/**
 * Reads along while a request and its answer pass, and says afterwards what of them can be recognised elsewhere.
 *
 * @module
 */
import { createHash, type Hash } from 'node:crypto';
import { isIP } from 'node:net';
import { constants, gunzipSync } from 'node:zlib';
import type { RequestContent } from '../../contract/index.ts';
import { decoded, markOf, oddWords, packedLength, placesIn, unpacked } from './words.ts';

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

  /** empty where it does not look like text; gzip (RFC 1952) is opened, as far as it is kept */
  text(): string {
    const bytes = opened(Buffer.concat(this.#kept));
    return bytes.subarray(0, 4096).includes(0) ? '' : bytes.toString('utf8');
  }
}

/** Names of parameters by which a service is told where to go. */
const DESTINATION = /^(?:u|ur[il]|target|dest(?:ination)?|proxy|mirror|fetch|remote|upstream)$/i;

/** Addresses in a query that are gone to, and not only asked about: the whole value of such a parameter. */
function destinationsIn(query: string): string {
  const values: string[] = [];
  for (const [name, value] of new URLSearchParams(query)) {
    const plain = decoded(value);
    for (const text of [plain, unpacked(plain)])
      if (DESTINATION.test(name) && /^\s*[a-z][a-z0-9+.-]{1,15}:\/\//i.test(text)) values.push(text);
  }
  return values.join('\n');
}

const withUnpacked = (text: string): string => `${text}\n${unpacked(text)}`;

/** What gzip hides. Of what becomes too long the beginning is opened: it may be made to become so. */
function opened(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  for (let { length } = bytes; length > 0; length = Math.floor(length / 4)) {
    try {
      const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 4 * READ };
      return gunzipSync(bytes.subarray(0, length), options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') return bytes;
    }
  }
  return bytes;
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
    const [way = '', given = ''] = this.#target.split('?', 2) as [string, string?];
    // what is named by its digest is named by nobody; a digest beside another name makes that name no less chosen
    const digests = [asked?.hex, answered?.hex].filter((hex) => hex !== undefined);
    const isDigest = (word: string) => digests.some((hex) => word.toLowerCase().includes(hex));
    const addressed = isDigest(way);
    // once for all that look at it
    const body = decoded(this.#asked.text());
    const target = decoded(this.#target);
    const words = (text: string, limit: number) => oddWords(text, limit).map((word) => markOf(word));
    const answer = decoded(this.#answered.text());
    // an address in a query is often what is asked about; with a scheme or a port, and anything in a path, it is gone to
    const [path = '', query = ''] = [way, given].map((part) => withUnpacked(decoded(part)));
    const places = [
      ...new Set([
        ...placesIn(path, this.#host, 'to reach'),
        ...placesIn(query, this.#host, 'to reach').filter((place) => isIP(place) !== 0),
        ...placesIn(destinationsIn(given), this.#host, 'to reach'),
      ]),
    ];
    const named = oddWords(target, NAMED);
    const all = placesIn(withUnpacked(target), this.#host).filter((place) => !places.includes(place));
    const lists = {
      named: named.filter((word) => !addressed || isDigest(word)).map((word) => markOf(word)),
      told: [
        ...named.filter((word) => addressed && !isDigest(word)).map((word) => markOf(word)),
        ...words(body, TOLD),
      ],
      heard: words(answer, HEARD),
      places,
      mentions: [...new Set([...all, ...placesIn(withUnpacked(body), this.#host)])],
      shown: placesIn(answer, this.#host).map((place) => markOf(place)),
    };
    const packed = packedLength(target) + packedLength(body);
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
