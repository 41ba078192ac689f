/**
 * Texts with wildcards, as Sigma writes them (specification 2.1, "String Wildcard" and "Escaping"), and their encodings.
 *
 * @module
 */
import { ANY, ONE, type Pattern } from './types.ts';

/**
 * Case does not count: both sides are folded so, one character for one. The Greek final sigma is a sigma, wherever the
 * text goes on; İ, whose small form is two characters, stays (Unicode's simple case folding does the same).
 */
export function fold(text: string): string {
  if (text.includes('İ')) return text.split('İ').map(fold).join('İ');
  const lower = text.toLowerCase();
  return lower.includes('ς') ? lower.replaceAll('ς', 'σ') : lower;
}

/**
 * A backslash before `*`, `?` or a backslash makes that plain; before anything else it is one itself.
 *
 * @param placeholder also makes `\%` plain
 */
export function parsePattern(text: string, placeholder = false): Pattern {
  const parts: (string | typeof ANY | typeof ONE)[] = [];
  let literal = '';
  const wildcard = (part: typeof ANY | typeof ONE): void => {
    if (literal !== '') parts.push(literal);
    literal = '';
    // two * are one
    if (part !== ANY || parts.at(-1) !== ANY) parts.push(part);
  };
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    const next = text.charAt(index + 1);
    if (
      character === '\\' &&
      (next === '*' || next === '?' || next === '\\' || (placeholder && next === '%'))
    ) {
      literal += next;
      index += 1;
    } else if (character === '*') wildcard(ANY);
    else if (character === '?') wildcard(ONE);
    else literal += character;
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

/** The text of a pattern without wildcards; `undefined` where it has some. */
export function literalOf(pattern: Pattern): string | undefined {
  if (pattern.length === 0) return '';
  return pattern.length === 1 && typeof pattern[0] === 'string' ? pattern[0] : undefined;
}

/** The same at the start, at the end, or anywhere: `*` before or after. */
export function widen(pattern: Pattern, before: boolean, after: boolean): Pattern {
  const parts = [...pattern];
  if (before && parts[0] !== ANY) parts.unshift(ANY);
  if (after && parts.at(-1) !== ANY) parts.push(ANY);
  return parts;
}

/** UTF-16 as text of one character per byte: what a log holds that shows such bytes one by one. */
export function toUtf16(text: string, bigEndian: boolean): string {
  let bytes = '';
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const [low, high] = [String.fromCharCode(unit & 0xff), String.fromCharCode(unit >> 8)];
    bytes += bigEndian ? high + low : low + high;
  }
  return bytes;
}

/**
 * What of a text's Base64 does not depend on what stands around it, when 0, 1 or 2 bytes (modulo 3) come before it.
 *
 * @param bytes one character per byte
 */
export function base64Offsets(bytes: string): string[] {
  const data = Buffer.from(bytes, 'latin1');
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), data])
      .toString('base64')
      .replace(/=+$/, '');
    // the first character(s) hold bits of the bytes before, the last one bits of the byte after
    const start = [0, 2, 3][offset] as number;
    const rest = (data.length + offset) % 3;
    return encoded.slice(start, rest === 0 ? undefined : -1);
  });
}

const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'] as const;
/** A dash that begins a word: of an option, not of a name. */
const OPTION_DASH = /(?<![\p{L}\p{N}_])[-/\u2013\u2014\u2015](?=[\p{L}\p{N}_])/gu;

/** All spellings of options of Windows programs; `undefined` where there are more than 3125. */
export function dashes(pattern: Pattern): Pattern[] | undefined {
  let spellings: Pattern[] = [[]];
  for (const part of pattern) {
    let texts: (string | typeof ANY | typeof ONE)[] = [part];
    if (typeof part === 'string') {
      texts = [''];
      let end = 0;
      for (const { index } of part.matchAll(OPTION_DASH)) {
        const between = part.slice(end, index);
        texts = texts.flatMap((text) => DASHES.map((dash) => `${text}${between}${dash}`));
        end = index + 1;
        if (texts.length > 3125) return undefined;
      }
      texts = texts.map((text) => text + part.slice(end));
    }
    spellings = spellings.flatMap((before) => texts.map((text) => [...before, text]));
    if (spellings.length > 3125) return undefined;
  }
  return spellings;
}
