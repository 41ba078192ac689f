/**
 * What two patterns have in common, found on the pair alone: no set of states is needed to know whether both can be walked at once.
 *
 * @module
 */
import { type Alphabet, alphabetOf } from './alphabet.ts';
import { classesOf, plainWord } from './classes.ts';
import { matchesSegment, takes } from './segment.ts';
import type { Element, Segment, Token } from './types.ts';

/** Segments of a word, or that there is none, or that one segment's automaton was too large. */
export type Met = readonly string[] | 'none' | 'too large';

const ANY: Segment = { kind: 'any' };

/** A word of as few segments as possible that both sequences match. */
export function meet(
  left: readonly Element[],
  right: readonly Element[],
  kind: Alphabet,
  limit: number,
): Met {
  const width = right.length + 1;
  /** For each pair of places, the one before and the segments walked together; places without a segment between are walked at once. */
  const from = new Map<number, { place: number; segments: readonly [Segment, Segment] | undefined }>();
  const goal = left.length * width + right.length;
  let isTooLarge = false;
  let level = [0];
  from.set(0, { place: -1, segments: undefined });
  while (level.length > 0 && !from.has(goal)) {
    const next: number[] = [];
    const walk = (place: number, to: number, segments: readonly [Segment, Segment] | undefined): void => {
      if (from.has(to)) return;
      from.set(to, { place, segments });
      (segments === undefined ? level : next).push(to);
    };
    // Grown while it is gone through, by what needs no segment; all of a level before any of the next.
    for (const place of level) {
      const [at, other] = [Math.floor(place / width), place % width];
      if (left[at]?.kind === 'rest') walk(place, place + width, undefined);
      if (right[other]?.kind === 'rest') walk(place, place + 1, undefined);
    }
    for (const place of level) {
      const [one, two] = [left[Math.floor(place / width)], right[place % width]];
      if (one === undefined || two === undefined || (one.kind === 'rest' && two.kind === 'rest')) continue;
      const segments = [one.kind === 'rest' ? ANY : one, two.kind === 'rest' ? ANY : two] as const;
      const common = canMeet(...segments, kind, limit);
      isTooLarge ||= common === 'too large';
      if (common !== true) continue;
      walk(place, place + (one.kind === 'rest' ? 0 : width) + (two.kind === 'rest' ? 0 : 1), segments);
    }
    level = next;
  }
  if (!from.has(goal)) return isTooLarge ? 'too large' : 'none';
  const word: string[] = [];
  for (let step = from.get(goal); step !== undefined; step = from.get(step.place)) {
    if (step.segments === undefined) continue;
    const segment = commonWord(...step.segments, kind, limit);
    if (typeof segment !== 'string') return 'too large';
    word.push(segment);
  }
  return word.reverse();
}

function canMeet(one: Segment, other: Segment, kind: Alphabet, limit: number): boolean | 'too large' {
  if (one.kind === 'literal') return matchesSegment(other, one.text);
  if (other.kind === 'literal') return matchesSegment(one, other.text);
  if (one.kind === 'any' && other.kind === 'any') return true;
  if (one.kind === 'glob' && other.kind === 'glob') {
    if (endApart(one.tokens, other.tokens) || endApart(one.tokens.toReversed(), other.tokens.toReversed()))
      return false;
  } else if (isCertain(one) && isCertain(other)) return true;
  const word = commonWord(one, other, kind, limit);
  return word === null ? 'too large' : word !== undefined;
}

/** Whether what comes before the first star already differs. */
function endApart(one: readonly Token[], other: readonly Token[]): boolean {
  for (let at = 0; ; at++) {
    const [left, right] = [one[at], other[at]];
    if (left === undefined || right === undefined || left === 'star' || right === 'star') return false;
    if (typeof left === 'number' ? !takes(right, left) : typeof right === 'number' && !takes(left, right))
      return true;
  }
}

/** Whether some segment matches for sure: of three characters or as many as wanted, each of which can be a letter. */
function isCertain(segment: Segment): boolean {
  if (segment.kind !== 'glob') return true;
  const { tokens } = segment;
  const isOpen = tokens.length > 2 || (tokens.includes('star') && tokens.length > 0);
  return isOpen && tokens.every((token) => token === 'star' || typeof token === 'number' || takes(token, 97));
}

/** A short segment that both match: `undefined` none, `null` too large to find. */
function commonWord(one: Segment, other: Segment, kind: Alphabet, limit: number): string | undefined | null {
  if (one.kind === 'literal') return matchesSegment(other, one.text) ? one.text : undefined;
  if (other.kind === 'literal') return matchesSegment(one, other.text) ? other.text : undefined;
  const globs = [one, other].filter((segment) => segment.kind === 'glob');
  if (globs.length === 0) return String.fromCharCode(alphabetOf(kind)[0] as number);
  const [glob] = globs;
  const plain = globs.length === 1 && glob?.kind === 'glob' ? plainWord(glob, kind) : undefined;
  if (plain !== undefined) return plain;
  const classes = classesOf(globs, kind, limit);
  if (classes === undefined) return null;
  return classes.find(({ members }) => members.length === globs.length)?.word;
}
