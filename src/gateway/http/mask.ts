/**
 * Takes secrets out of what a server answers: each byte of a secret, in the forms that servers echo, becomes `*`, so
 * that lengths and framing stay as they are. Works across any chunks; only bytes that could begin a secret wait.
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

/** Where the longest end of `bytes` begins that may be the beginning of a form; its length where there is none. */
function heldFrom(forms: readonly Buffer[], bytes: Buffer): number {
  let from = bytes.length;
  for (const form of forms) {
    const first = form[0] as number;
    const earliest = Math.max(0, bytes.length - form.length + 1);
    for (let at = bytes.indexOf(first, earliest); at >= 0 && at < from; at = bytes.indexOf(first, at + 1)) {
      if (bytes.compare(form, 0, bytes.length - at, at) === 0) from = at;
    }
  }
  return from;
}

/** Masks a stream. What `feed` returns may be the memory it was given; `end` gives what was still held. */
export class StreamMask {
  readonly #forms: readonly Buffer[];
  /** bytes that may begin a secret: as they came, and as they go out */
  #held = { from: Buffer.alloc(0), into: Buffer.alloc(0) };

  constructor(forms: readonly Buffer[]) {
    this.#forms = forms;
  }

  feed(chunk: Uint8Array): Buffer {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const from = this.#held.from.length > 0 ? Buffer.concat([this.#held.from, fresh]) : fresh;
    let into = this.#held.from.length > 0 ? Buffer.concat([this.#held.into, fresh]) : fresh;
    cover(this.#forms, from, () => {
      if (into === fresh) into = Buffer.from(fresh);
      return into;
    });
    const held = heldFrom(this.#forms, from);
    this.#held = { from: Buffer.from(from.subarray(held)), into: Buffer.from(into.subarray(held)) };
    return into.subarray(0, held);
  }

  end(): Buffer {
    const { into } = this.#held;
    this.#held = { from: Buffer.alloc(0), into: Buffer.alloc(0) };
    return into;
  }
}
