/**
 * Takes secrets out of what a server answers: each {@link Form} of one is replaced by that of its placeholder. Works
 * across any chunks: the last word of what has come waits for what follows it, whether or not it looks like a secret,
 * because else an echo would tell a guess that is right so far. How much waits does not depend on the secret either.
 *
 * @module
 */
import type { Form, Forms } from './forms.ts';
import { lowerCase } from './spelling.ts';

/** Bytes that end a word: JSON, HTML, event streams and lines of text are full of them, secrets hardly ever have one. */
const DELIMITERS = Buffer.from(' \t\r\n"<>{}[](),', 'latin1');
/** The one that no secret has: values with control characters are refused. */
const LINE_END = Buffer.from('\n', 'latin1');

/** Of a word without end this much waits: more than any form of a usual secret, or of the longest one. Unit: bytes. */
const HELD = { usual: 4096, longest: 128 * 1024 };

/** Characters of the group of four that a base64 form can begin in the middle of. */
const GROUP_REST = 3;

interface Found {
  start: number;
  end: number;
  form: Form;
}

/** Every occurrence of a form, first come first, longer ones before shorter ones. */
function findAll({ first }: Forms, bytes: Buffer): Found[] {
  const found: Found[] = [];
  for (let start = 0; start < bytes.length; start += 1) {
    const forms = first[bytes[start] as number];
    if (forms === undefined) continue;
    for (const form of forms) {
      const end = form.match(bytes, start);
      if (end >= 0) found.push({ start, end, form });
    }
  }
  return found.length < 2
    ? found
    : found.sort((one, other) => one.start - other.start || other.end - one.end);
}

function isBase64(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  return (
    (letter >= 0x61 && letter <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2f ||
    byte === 0x2d ||
    byte === 0x5f ||
    byte === 0x3d
  );
}

/** Where the rest of a base64 word ends. */
function endOfBase64(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isBase64(bytes[at])) at += 1;
  return at;
}

/** What becomes of some bytes. `swallowing`: they end within a base64 word of which the rest is left out. */
interface Replaced {
  pieces: Uint8Array[];
  swallowing: boolean;
}

/**
 * Replaces what was found. Forms that overlap are one. In base64 the group that a secret begins in goes with it, and all
 * that follows in the same word: how its characters fall depends on the secret's length. `swallowing`: bytes begin
 * within such a word.
 */
function replace(bytes: Buffer, found: readonly Found[], swallowing: boolean): Replaced {
  const pieces: Uint8Array[] = [];
  let at = swallowing ? endOfBase64(bytes, 0) : 0;
  let within = swallowing;
  for (const { start, end, form } of found) {
    if (start >= at) {
      const from = Math.max(at, groupStart(bytes, start, form));
      if (from > at) pieces.push(bytes.subarray(at, from));
      pieces.push(form.instead);
      within = false;
    }
    at = Math.max(at, end);
    within ||= form.base64 !== undefined;
    if (within) at = endOfBase64(bytes, at);
  }
  if (at < bytes.length) pieces.push(bytes.subarray(at));
  return { pieces, swallowing: within && at === bytes.length };
}

/** Where the group of four begins that a base64 form is cut out of; for others, where they begin. */
function groupStart(bytes: Buffer, start: number, { base64 = 0 }: Form): number {
  let from = start;
  while (from > 0 && from > start - base64 && isBase64(bytes[from - 1])) from -= 1;
  return from;
}

/**
 * Masks a text of one byte per character, such as a head, in capitals or not: names of headers lose theirs. `forms` are
 * those for lower case.
 */
export function maskText(forms: Forms, text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const found = findAll(forms, lowerCase(bytes));
  return found.length === 0 ? text : Buffer.concat(replace(bytes, found, false).pieces).toString('latin1');
}

/** Masks a stream. What `feed` returns may be the memory it was given; `end` gives what was still held. */
export class StreamMask {
  readonly #forms: Forms;
  readonly #most: number;
  readonly #delimiters: ReadonlySet<number>;
  /** bytes that may begin a secret, as they came */
  #held: Buffer = Buffer.alloc(0);
  #swallowing = false;

  constructor(forms: Forms) {
    this.#forms = forms;
    const longest = forms.longest + GROUP_REST;
    this.#most = longest <= HELD.usual ? HELD.usual : Math.max(longest, HELD.longest);
    const inside = (byte: number) => forms.inside.has(byte);
    // all of them or one: which ones would say what the secret consists of
    this.#delimiters = new Set(
      DELIMITERS.some(inside) ? LINE_END.filter((byte) => !inside(byte)) : DELIMITERS,
    );
  }

  feed(chunk: Uint8Array): Uint8Array[] {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const bytes = this.#held.length > 0 ? Buffer.concat([this.#held, fresh]) : fresh;
    const found = findAll(this.#forms, bytes);
    let cut = this.#lastWord(bytes);
    // what overlaps the cut waits whole: more could belong to it
    for (const { start, end, form } of found.toReversed())
      if (start < cut && end > cut) cut = groupStart(bytes, start, form);
    this.#held = Buffer.from(bytes.subarray(cut));
    return this.#replace(
      bytes.subarray(0, cut),
      found.filter(({ end }) => end <= cut),
    );
  }

  #replace(bytes: Buffer, found: readonly Found[]): Uint8Array[] {
    const { pieces, swallowing } = replace(bytes, found, this.#swallowing);
    this.#swallowing = swallowing;
    return pieces;
  }

  /** Where the last word begins, or the part of it that a form could have begun in. */
  #lastWord(bytes: Buffer): number {
    const earliest = Math.max(0, bytes.length - this.#most);
    for (let at = bytes.length; at > earliest; at -= 1) {
      if (this.#delimiters.has(bytes[at - 1] as number)) return at;
    }
    return earliest;
  }

  end(): Uint8Array[] {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    return held.length === 0 ? [] : this.#replace(held, findAll(this.#forms, held));
  }
}
