/**
 * The characters of path segments and host labels, the readable ones first: a word that is shown to people is made of the first
 * that will do.
 *
 * @module
 */
import type { PatternKind } from './types.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const READABLE = `${LETTERS}0123456789${LETTERS.toUpperCase()}_-.,+=@%:`;

function bytesOf(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

/** Which characters segments are made of; addresses are one segment each. */
export type Alphabet = PatternKind | 'address';

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

// A name has neither NUL nor `/` (path_resolution(7)). Beyond RFC 1123 §2.1, names with an underscore resolve, and contracts may
// name them.
const BYTES: Readonly<Record<Alphabet, readonly number[]>> = {
  address: bytesOf('0123456789abcdef.:'),
  host: bytesOf(`${LETTERS}0123456789-_`),
  path: [
    ...new Set([...bytesOf(READABLE), ...range(33, 126), ...range(128, 255), 32, ...range(1, 31), 127]),
  ].filter((byte) => byte !== 47),
};

/** Every byte a segment may have, in order of preference. */
export function alphabetOf(kind: Alphabet): readonly number[] {
  return BYTES[kind];
}

/** Segments that are no names of their own: `.` and `..` in paths. */
export function reservedOf(kind: Alphabet): readonly string[] {
  return kind === 'path' ? ['.', '..'] : [];
}

export const toBytes = (text: string | Uint8Array): string =>
  (typeof text === 'string'
    ? Buffer.from(text)
    : Buffer.from(text.buffer, text.byteOffset, text.length)
  ).toString('latin1');

export const fromBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');
