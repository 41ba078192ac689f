/**
 * What every stand-in keeps of what reached it.
 *
 * @module
 */

/** Bytes that are kept of what came; what is counted, and looked through for what is watched for, is all. */
const KEPT = 4 * 1024 * 1024;
/** What of it is kept beside what comes next, since a word may lie across. */
const OVERLAP = 64 * 1024;

export class Standing {
  connections = 0;
  bytes = 0;
  shares = 0;
  entered = false;
  readonly requests: { method: string; path: string }[] = [];
  readonly delivered: string[] = [];
  #text = '';
  readonly #watched = new Map<string, boolean>();
  readonly #closers: (() => void)[] = [];

  /** The last of what came, as Latin-1. */
  get received(): string {
    return this.#text;
  }

  /** From now on {@link has} knows of the word, however much comes after it. */
  watch(word: string): void {
    this.#watched.set(word, false);
  }

  /** Whether the word came: as it is, in hex, base64 or base32. */
  has(word: string): boolean {
    return (this.#watched.get(word) ?? false) || holds(this.#text, word);
  }

  take(data: Buffer | string): void {
    const text = typeof data === 'string' ? data : data.toString('latin1');
    this.bytes += text.length;
    this.#text += text;
    if (this.#text.length < KEPT) return;
    for (const [word, found] of this.#watched) if (!found) this.#watched.set(word, holds(this.#text, word));
    this.#text = this.#text.slice(-OVERLAP);
  }

  onClose(close: () => void): void {
    this.#closers.push(close);
  }

  close(): void {
    for (const close of this.#closers) close();
  }
}

const encodings = (word: string): string[] => {
  const bytes = Buffer.from(word);
  // the ends of a base64 text depend on what is around it: its middle is enough
  const middles = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
  return [word, bytes.toString('hex'), base32(bytes), ...middles.filter((part) => part.length >= 8)];
};

/** RFC 4648, section 6, without padding. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

/** Whether the text has the word in it: as it is, in hex, base64 or base32, cut into labels or not. */
export function holds(text: string, word: string): boolean {
  const [whole, lower] = [text, text.toLowerCase().replaceAll(/[.\n]/g, '')];
  return encodings(word).some((form) => whole.includes(form) || lower.includes(form.toLowerCase()));
}
