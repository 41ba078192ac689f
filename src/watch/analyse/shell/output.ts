/**
 * What simple programs print, where that follows from their arguments and input alone: what is decoded and piped into a shell
 * can then be read.
 *
 * @module
 */
import { basename } from './wrappers.ts';

/** Longest text that is followed, characters. */
const LONGEST = 65_536;

export function outputOf(words: readonly string[], input: string | undefined): string | undefined {
  const [, ...rest] = words;
  const program = basename(words[0] ?? '');
  const options = rest.filter((word) => word.startsWith('-'));
  const has = (...names: string[]) => options.some((option) => names.includes(option));
  if (input !== undefined && input.length > LONGEST) return undefined;
  switch (program) {
    case 'echo': {
      const first = rest.findIndex((word) => !/^-[neE]+$/.test(word));
      const text = (first < 0 ? [] : rest.slice(first)).join(' ');
      return options.some((option) => /^-[nE]*e/.test(option)) ? undoEscapes(text) : `${text}\n`;
    }
    case 'printf': {
      const [format = '', ...values] = rest;
      let at = 0;
      return undoEscapes(format).replace(/%[sb]/g, () => values[at++] ?? '') + values.slice(at).join('');
    }
    case 'cat':
      return rest.every((word) => word === '-') ? input : undefined;
    case 'tee':
      return input;
    case 'base64':
      if (input === undefined) return undefined;
      if (has('-d', '-D', '--decode', '-di', '-id')) return decode(input, 'base64');
      return options.length === 0 ? Buffer.from(input).toString('base64') : undefined;
    case 'xxd':
      return input !== undefined && options.join('').includes('r') && options.join('').includes('p')
        ? decode(input.replace(/\s/g, ''), 'hex')
        : undefined;
    case 'openssl':
      return input !== undefined && rest[0] === 'base64' && has('-d') ? decode(input, 'base64') : undefined;
    case 'rev':
      return input
        ?.split('\n')
        .map((line) => [...line].reverse().join(''))
        .join('\n');
    case 'tr':
      return input === undefined ? undefined : translate(rest, input);
    default:
      return undefined;
  }
}

/** A decoded text, or nothing where it is none. */
function decode(text: string, encoding: 'base64' | 'hex'): string | undefined {
  const decoded = Buffer.from(text, encoding).toString('utf8');
  return decoded.includes('\uFFFD') ? undefined : decoded;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  a: '',
  e: '\u001b',
};

const undoEscapes = (text: string): string =>
  text
    .replace(/\\x([0-9a-fA-F]{1,2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\0?([0-7]{1,3})/g, (_whole, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replace(/\\([ntr\\ae])/g, (_whole, letter: string) => ESCAPES[letter] ?? letter);

/** `tr A-Za-z N-ZA-Mn-za-m` and `tr -d X`. */
function translate(words: readonly string[], input: string): string | undefined {
  const [first, second] = words;
  if (first === '-d' && second !== undefined) {
    const dropped = new Set(spread(second));
    return [...input].filter((letter) => !dropped.has(letter)).join('');
  }
  if (first === undefined || second === undefined || first.startsWith('-')) return undefined;
  const [from, to] = [spread(first), spread(second)];
  const other = new Map<string, string>();
  from.forEach((letter, index) => {
    if (!other.has(letter)) other.set(letter, to[index] ?? to.at(-1) ?? '');
  });
  return [...input].map((letter) => other.get(letter) ?? letter).join('');
}

function spread(set: string): string[] {
  return undoEscapes(set)
    .replace(/(.)-(.)/g, (whole, from: string, to: string) => {
      const [a, b] = [from.charCodeAt(0), to.charCodeAt(0)];
      return a <= b && b - a < 256
        ? String.fromCharCode(...Array.from({ length: b - a + 1 }, (_unused, index) => a + index))
        : whole;
    })
    .split('');
}
