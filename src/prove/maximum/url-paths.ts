/**
 * Path patterns of requests: whether the paths of some lie within those of others, and one that does not.
 *
 * They differ from file patterns: a final slash is a segment of its own, which `*` does not stand for; no wildcard stands for a
 * segment with an encoded slash unless it is written in the pattern. As the gateway reads them (its tests compare the two).
 *
 * @module
 */
import { classesOf, DEFAULT_PATTERN_LIMITS, type Segment, type SegmentClass } from '../patterns/index.ts';

export type PathsIncluded = { ok: true; except: string | undefined } | { ok: false };

const SLASH = '%2F';
const MOST_STATES = 20_000;
const UNRESERVED = /^[A-Za-z0-9\-._~]$/;

/** Unreserved characters plain, all others encoded in capitals (RFC 3986 §6.2.2). */
const canonical = (pattern: string): string =>
  pattern.replace(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return UNRESERVED.test(character) ? character : `%${hex.toUpperCase()}`;
  });

const read = (pattern: string): string[] => canonical(pattern).slice(1).split('/');

/** A segment as the pattern library reads it: `*` alone is a wildcard, and other characters stand for themselves. */
function segmentOf(text: string): Segment {
  if (!text.includes('*')) return { kind: 'literal', text };
  const tokens = [...text.replace(/\*+/g, '*')].map((character) =>
    character === '*' ? ('star' as const) : character.charCodeAt(0),
  );
  return { kind: 'glob', text, tokens };
}

/** One letter of the words: a class of segments, or the empty segment at a path's end. */
interface Letter {
  readonly word: string;
  readonly isEmpty: boolean;
  readonly hasSlash: boolean;
  /** Segment patterns that it matches. */
  readonly parts: ReadonlySet<string>;
}

function lettersOf(patterns: readonly string[][]): Letter[] | undefined {
  const texts = [...new Set(patterns.flat())].filter((part) => part !== '**' && part !== '');
  const marker = texts.length;
  const segments = [...texts.map(segmentOf), segmentOf(`*${SLASH}*`)];
  const classes = classesOf(segments, 'path', DEFAULT_PATTERN_LIMITS.characterStates);
  if (classes === undefined) return undefined;
  const letters = classes.map(({ word, members }: SegmentClass): Letter => {
    const hasSlash = members.includes(marker);
    const parts = members
      .filter((member) => member !== marker)
      .map((member) => texts[member] as string)
      .filter((part) => !hasSlash || part.includes(SLASH));
    return { word, isEmpty: false, hasSlash, parts: new Set(parts) };
  });
  return [...letters, { word: '', isEmpty: true, hasSlash: false, parts: new Set(['']) }];
}

/** Places after which the next part of the pattern is sought. */
type Places = readonly number[];

/** What a place leads to without a letter: a `**` that is not the last may be no segment at all. */
function settle(pattern: readonly string[], places: Iterable<number>): Places {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === '**' && place < pattern.length - 1) all.add(place + 1);
  return [...all].sort((one, other) => one - other);
}

function step(pattern: readonly string[], places: Places, letter: Letter): Places {
  const next = new Set<number>();
  for (const place of places) {
    const part = pattern[place];
    if (part === undefined) continue;
    if (part === '**') {
      if (letter.hasSlash) continue;
      next.add(place);
      next.add(place + 1);
    } else if (letter.parts.has(part)) next.add(place + 1);
  }
  return settle(pattern, next);
}

/**
 * Whether every path of `inner` matches `outer`; lists are unions, `undefined` is every path.
 *
 * @returns `except`: a shortest path that does not; `ok: false` where it is too large to find out
 */
export function pathsInclude(
  outer: readonly string[] | undefined,
  inner: readonly string[] | undefined,
): PathsIncluded {
  if (outer === undefined) return { ok: true, except: undefined };
  const [outside, inside] = [outer.map(read), (inner ?? ['/**']).map(read)];
  // without patterns, every path, one with an encoded slash among them
  const isEverything = inner === undefined;
  const letters = lettersOf([...outside, ...inside]);
  if (letters === undefined) return { ok: false };
  const all = [...inside, ...outside];
  interface State {
    readonly places: readonly Places[];
    readonly isEnded: boolean;
    readonly words: readonly string[];
  }
  const start: State = { places: all.map((pattern) => settle(pattern, [0])), isEnded: false, words: [] };
  const seen = new Set<string>();
  const queue: State[] = [start];
  for (const state of queue) {
    const isMatched = (from: number, to: number) =>
      state.places.slice(from, to).some((places, at) => places.includes((all[from + at] as string[]).length));
    const isInside = isEverything ? state.words.length > 0 : isMatched(0, inside.length);
    if (isInside && !isMatched(inside.length, all.length))
      return { ok: true, except: `/${state.words.join('/')}` };
    if (state.isEnded) continue;
    for (const letter of letters) {
      const places = state.places.map((each, at) => step(all[at] as string[], each, letter));
      if (!isEverything && places.slice(0, inside.length).every((each) => each.length === 0)) continue;
      const key = `${letter.isEmpty}${JSON.stringify(places)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > MOST_STATES) return { ok: false };
      queue.push({ places, isEnded: letter.isEmpty, words: [...state.words, letter.word] });
    }
  }
  return { ok: true, except: undefined };
}
