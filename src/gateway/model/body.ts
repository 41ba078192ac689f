/**
 * Bodies, whole: of requests from inside, and of answers that do not stream. All that is held at once has a bound.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http';

/** Bytes of one request: what the providers themselves take. */
export const LONGEST_REQUEST = 32 * 1024 * 1024;
export const LONGEST_ANSWER = 64 * 1024 * 1024;
/** Bytes of all requests at once. */
const MOST_HELD = 128 * 1024 * 1024;

export type Body = { ok: true; bytes: Buffer } | { ok: false; why: 'too long' | 'too many' | 'broken off' };

/** Counts what all calls hold. */
export class Held {
  #bytes = 0;

  take(bytes: number): boolean {
    if (this.#bytes + bytes > MOST_HELD) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** Reads to the end. What it took from `held` is to be given back, when it is no longer needed, by its length. */
export async function readBody(message: IncomingMessage, longest: number, held: Held): Promise<Body> {
  const pieces: Buffer[] = [];
  let length = 0;
  const fail = (why: 'too long' | 'too many' | 'broken off'): Body => {
    held.give(length);
    return { ok: false, why };
  };
  if (Number(message.headers['content-length'] ?? 0) > longest) return fail('too long');
  try {
    for await (const piece of message as AsyncIterable<Buffer>) {
      if (length + piece.length > longest) return fail('too long');
      if (!held.take(piece.length)) return fail('too many');
      length += piece.length;
      pieces.push(piece);
    }
  } catch {
    return fail('broken off');
  }
  return message.complete ? { ok: true, bytes: Buffer.concat(pieces) } : fail('broken off');
}

/** Reads a body that nobody wants. @returns whether all of it came */
export async function drain(message: IncomingMessage): Promise<boolean> {
  let bytes = 0;
  if (Number(message.headers['content-length'] ?? 0) > LONGEST_REQUEST) return false;
  try {
    for await (const piece of message as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > LONGEST_REQUEST) return false;
    }
  } catch {
    return false;
  }
  return message.complete;
}
