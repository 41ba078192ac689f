/**
 * One segment of a pattern: `*` any number of characters, `?` one, `[a-c]` and `[!a-c]` one of some or of all others.
 *
 * @module
 */
import type { CharacterSet, Segment, Token } from './types.ts';

const SET = /^\[(!?)([^\]/]+)\]/;

/** `a-c` is a range; a range backwards is none, and nothing matches it. */
function setOf(inside: string, negated: boolean): CharacterSet {
  const set = new Uint8Array(256);
  for (let at = 0; at < inside.length; at++) {
    const from = inside.charCodeAt(at);
    const isRange = inside[at + 1] === '-' && at + 2 < inside.length;
    const to = isRange ? inside.charCodeAt(at + 2) : from;
    if (to < from) return new Uint8Array(256);
    for (let byte = from; byte <= to; byte++) set[byte] = 1;
    if (isRange) at += 2;
  }
  return negated ? set.map((member) => 1 - member) : set;
}

/** Reads one segment, as bytes, without braces. */
export function parseSegment(text: string): Segment {
  if (/^\*+$/.test(text)) return { kind: 'any' };
  // most are plain names
  if (!/[*?[]/.test(text)) return { kind: 'literal', text };
  const tokens: Token[] = [];
  let literal: string | undefined = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const set = character === '[' ? SET.exec(text.slice(at)) : null;
    if (character !== '*' && character !== '?' && set === null) {
      tokens.push(text.charCodeAt(at));
      literal = literal === undefined ? undefined : literal + character;
      continue;
    }
    literal = undefined;
    if (character === '*') {
      if (tokens.at(-1) !== 'star') tokens.push('star');
    } else if (set === null) tokens.push(new Uint8Array(256).fill(1));
    else {
      tokens.push(setOf(set[2] as string, set[1] === '!'));
      at += set[0].length - 1;
    }
  }
  return literal === undefined ? { kind: 'glob', text, tokens } : { kind: 'literal', text: literal };
}

/** Whether a byte may stand at a token's place. */
export function takes(token: number | CharacterSet, byte: number): boolean {
  return typeof token === 'number' ? token === byte : token[byte] === 1;
}

/** Whether a segment, as bytes, matches. */
export function matchesSegment(segment: Segment, word: string): boolean {
  if (segment.kind === 'any') return true;
  if (segment.kind === 'literal') return segment.text === word;
  const { tokens } = segment;
  // Two fingers: on failure the last star takes one character more.
  let token = 0;
  let starToken = -1;
  let starAt = 0;
  for (let at = 0; at < word.length; ) {
    const current = tokens[token];
    if (current === 'star') {
      starToken = token++;
      starAt = at;
    } else if (current !== undefined && takes(current, word.charCodeAt(at))) {
      token++;
      at++;
    } else if (starToken >= 0) {
      token = starToken + 1;
      at = ++starAt;
    } else return false;
  }
  while (tokens[token] === 'star') token++;
  return token === tokens.length;
}
