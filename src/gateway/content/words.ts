/**
 * Words that are somebody's and not a language's: names, identifiers, encoded bytes, addresses of elsewhere.
 *
 * @module
 */
import { hash } from 'node:crypto';

const SHORTEST = 8;
const LONGEST = 256;
/** Encoded lengths of digests, in hex: MD5, SHA-1, SHA-256, SHA-384, SHA-512. Names of content are no message. */
const DIGESTS = new Set([32, 40, 64, 96, 128]);

/** 72 bits of a digest: equal words have equal marks, and who has the mark alone can only test guesses. */
export const markOf = (word: string | Uint8Array): string => hash('sha256', word, 'base64url').slice(0, 12);

/** What percent-encoding hides; encoded twice is encoded, too. Bytes that are no UTF-8 become U+FFFD. */
export function decoded(text: string): string {
  let now = text;
  for (let times = 0; times < 3 && now.includes('%'); times += 1) {
    const next = now.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
      Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
    );
    if (next === now) break;
    now = next;
  }
  return now;
}

/** Long, or of letters and digits, or of several parts: a word that two would not choose by themselves. */
function isOdd(word: string): boolean {
  if (word.length < SHORTEST || word.length > LONGEST) return false;
  if (!/[A-Za-z]/.test(word)) return word.length >= 12 && /^\d+$/.test(word);
  return /\d/.test(word) || word.length >= 16 || (word.length >= 10 && /[-_.~+]/.test(word.slice(1, -1)));
}

/**
 * The odd words of a text, each once, in their order.
 *
 * @param limit where there are more, as many from the end as from the beginning are kept
 */
export function oddWords(text: string, limit: number): string[] {
  const found = new Set<string>();
  for (const piece of decoded(text).split(/[^\w.~+-]+/)) {
    // longer is no name; and what trims it below takes quadratic time at worst
    if (piece.length > LONGEST) continue;
    const word = piece.replace(/^[.~+-]+|[.~+-]+$/g, '');
    if (isOdd(word)) found.add(word);
  }
  const all = [...found];
  if (all.length <= limit) return all;
  const half = Math.floor(limit / 2);
  return [...all.slice(0, limit - half), ...all.slice(-half)];
}

const ADDRESS = '(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const URL =
  /[a-z][a-z0-9+.-]{1,15}:\/{1,3}(?:[^\s/?#"'<>\\@]{0,256}@)?(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})/gi;
const HOST_AND_PORT = new RegExp(
  `(?:^|[\\s/=&?,;"'(])(${ADDRESS}(?=[:/]\\d{2,5}(?![\\w.-]))|(?:[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63}){1,8}|\\[[0-9a-f:.]{2,45}\\])(?=:\\d{2,5}(?![\\w.-])))`,
  'gi',
);
const ALONE = new RegExp(`(?:^|[=&?,;/"'(\\s])(${ADDRESS})(?![\\w.])`, 'g');

/** An IPv4 address as inet_aton(3) reads it: one number, or parts in octal or hex. */
function asAddress(host: string): string {
  if (!/^(?:0x[0-9a-f]{1,8}|\d{1,12})(?:\.(?:0x[0-9a-f]{1,8}|\d{1,12})){0,3}$/.test(host)) return host;
  const parts = host.split('.').map((part) => (/^0\d/.test(part) ? Number.parseInt(part, 8) : Number(part)));
  const last = parts.pop() ?? 0;
  const value = parts.reduce((sum, part, index) => sum + part * 256 ** (3 - index), 0) + last;
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) return host;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** What base64 in a text hides, as far as it is text itself. */
export function unpacked(text: string): string {
  const found: string[] = [];
  for (const [run] of decoded(text).matchAll(/[A-Za-z0-9+_-]{12,4096}={0,2}/g)) {
    const inside = Buffer.from(run, 'base64').toString('latin1');
    if (/^[\t\n\r\x20-\x7e]+$/.test(inside)) found.push(inside);
    if (found.length >= 16) break;
  }
  return found.join('\n');
}

/**
 * Hosts and addresses that a text names, but for `own`; at most eight.
 *
 * @param how `to reach`: with a scheme or a port, as places to go to; `at all`: addresses that stand alone, too
 */
export function placesIn(text: string, own: string, how: 'to reach' | 'at all' = 'at all'): string[] {
  const plain = decoded(text);
  const found = new Set<string>();
  for (const pattern of how === 'at all' ? [URL, HOST_AND_PORT, ALONE] : [URL, HOST_AND_PORT]) {
    for (const [, place = ''] of plain.matchAll(pattern)) {
      const host = place.toLowerCase().replace(/^\[|\]$|\.$/g, '');
      if (host !== own && host !== '') found.add(asAddress(host));
      if (found.size >= 8) return [...found];
    }
  }
  return [...found];
}

/** Of a long word so much shows what it is. */
const SAMPLE = 1024;

/** Bits for each character, by Shannon, of what stands in the word itself. */
function entropy(whole: string): number {
  const word = whole.slice(0, SAMPLE);
  const counts = new Map<string, number>();
  for (const character of word) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / word.length) * Math.log2(count / word.length);
  return bits;
}

/** How many characters are bytes in disguise: base64, base32 or hex that is not as long as a digest. */
export function packedLength(text: string): number {
  let length = 0;
  for (const [run] of decoded(text).matchAll(/[A-Za-z0-9+_-]{24,}={0,2}/g)) {
    const hex = /^[0-9a-f]+$/i.test(run);
    if (hex && DIGESTS.has(run.length)) continue;
    const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(run)).length;
    const base32 = /^[A-Z2-7]+=*$/.test(run) && /\d/.test(run);
    if (hex ? entropy(run) > 2.8 : base32 || (kinds === 3 && entropy(run) > 3.8)) length += run.length;
  }
  return length;
}
