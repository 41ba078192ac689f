/**
 * Takes secrets out of what a server answers: each byte of a secret, in the forms that servers echo, becomes `*`, so
 * that lengths and framing stay as they are. Works across any chunks: the last word of what has come waits for what
 * follows it, whether or not it looks like a secret, because else an echo would tell a guess that is right so far.
 *
 * @module
 */

const STAR = 0x2a;
/** Shorter forms would hide ordinary text. */
const SHORTEST_FORM = 8;

/** Those characters of the base64 of `prefix` unknown bytes and then `value` that `value` alone decides. */
function alignedBase64(value: Buffer, prefix: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(prefix), value]).toString(encoding);
  return text.slice(Math.ceil((prefix * 8) / 6), Math.floor(((prefix + value.length) * 8) / 6));
}

const HTML: readonly (readonly [RegExp, string, string])[] = [
  [/</g, '&lt;', '&#60;'],
  [/>/g, '&gt;', '&#62;'],
  [/"/g, '&quot;', '&#34;'],
  [/'/g, '&#39;', '&#x27;'],
];

function htmlForms(value: string): string[] {
  const named = HTML.reduce((text, [from, to]) => text.replace(from, to), value.replaceAll('&', '&amp;'));
  const numbered = HTML.reduce(
    (text, [from, , to]) => text.replace(from, to),
    value.replaceAll('&', '&#38;'),
  );
  return [named, numbered];
}

/** A secret in the forms that are masked: plain, base64 in every alignment, percent-, JSON- and HTML-escaped, hex, UTF-16. */
export function formsOf(value: string): Buffer[] {
  const bytes = Buffer.from(value, 'utf8');
  const percent = encodeURIComponent(value);
  const strict = percent.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(
    /[<>&'\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const hex = bytes.toString('hex');
  const forms = [
    value,
    ...([0, 1, 2] as const).flatMap((prefix) => [
      alignedBase64(bytes, prefix, 'base64'),
      alignedBase64(bytes, prefix, 'base64url'),
    ]),
    ...[percent, strict].flatMap((text) => [text, lower(text), text.replaceAll('%20', '+')]),
    json,
    json.replaceAll('/', '\\/'),
    ascii,
    ...htmlForms(value),
    hex,
    hex.toUpperCase(),
  ];
  const unique = new Set(forms.filter((form) => form.length >= SHORTEST_FORM));
  const wide = Buffer.from(value, 'utf16le');
  return [...[...unique].map((form) => Buffer.from(form, 'utf8')), wide, Buffer.from(wide).swap16()];
}

/** Fills every occurrence of a form in `from` with stars in `into`, which has the same length; whether there was one. */
function cover(forms: readonly Buffer[], from: Buffer, into: () => Buffer): boolean {
  let found = false;
  for (const form of forms) {
    for (let at = from.indexOf(form); at >= 0; at = from.indexOf(form, at + 1)) {
      into().fill(STAR, at, at + form.length);
      found = true;
    }
  }
  return found;
}

/** Masks a text of one byte per character, such as a header line. */
export function maskText(forms: readonly Buffer[], text: string): string {
  const from = Buffer.from(text, 'latin1');
  const into = Buffer.from(from);
  return cover(forms, from, () => into) ? into.toString('latin1') : text;
}

/** Bytes that end a word: JSON, HTML, event streams and lines of text are full of them, secrets hardly ever have one. */
const DELIMITERS = new Set(Buffer.from(' \t\r\n"<>{}[](),\0', 'latin1'));

/**
 * Masks a stream. What `feed` returns may be the memory it was given; `end` gives what was still held. With `hold` false
 * nothing waits, for streams of which the other side expects an answer; a secret cut in two then keeps its beginning.
 */
export class StreamMask {
  readonly #forms: readonly Buffer[];
  readonly #hold: boolean;
  readonly #longest: number;
  readonly #delimiters: ReadonlySet<number>;
  /** bytes that may begin a secret: as they came, and as they go out */
  #held = { from: Buffer.alloc(0), into: Buffer.alloc(0) };

  constructor(forms: readonly Buffer[], hold = true) {
    this.#forms = forms;
    this.#hold = hold;
    this.#longest = Math.max(0, ...forms.map(({ length }) => length));
    const inside = new Set(forms.flatMap((form) => [...form]));
    this.#delimiters = new Set([...DELIMITERS].filter((byte) => !inside.has(byte)));
  }

  feed(chunk: Uint8Array): Buffer {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const from = this.#held.from.length > 0 ? Buffer.concat([this.#held.from, fresh]) : fresh;
    let into = this.#held.from.length > 0 ? Buffer.concat([this.#held.into, fresh]) : fresh;
    cover(this.#forms, from, () => {
      if (into === fresh) into = Buffer.from(fresh);
      return into;
    });
    const before = this.#held.from.length;
    const held = this.#lastWord(from);
    this.#held = { from: Buffer.from(from.subarray(held)), into: Buffer.from(into.subarray(held)) };
    // without holding, what was kept has gone out before
    return this.#hold ? into.subarray(0, held) : into.subarray(before);
  }

  /** Where the last word begins, or as much of its end as the longest form could have begun in. */
  #lastWord(bytes: Buffer): number {
    const earliest = Math.max(0, bytes.length - this.#longest + 1);
    for (let at = bytes.length; at > earliest; at -= 1) {
      if (this.#delimiters.has(bytes[at - 1] as number)) return at;
    }
    return earliest;
  }

  end(): Buffer {
    const into = this.#hold ? this.#held.into : Buffer.alloc(0);
    this.#held = { from: Buffer.alloc(0), into: Buffer.alloc(0) };
    return into;
  }
}
