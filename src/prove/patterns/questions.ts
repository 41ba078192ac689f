/**
 * Questions about patterns, each answered with a word that people can read.
 *
 * A list of patterns is their union: a word matches the list when it matches one of them.
 *
 * @module
 */
import { fromBytes } from './alphabet.ts';
import { SegmentAutomaton } from './automaton.ts';
import { ADDRESS, joinHost, splitHost } from './host.ts';
import { meet } from './meet.ts';
import { joinPath, type PathOptions, splitPath } from './path.ts';
import { matchesSegment } from './segment.ts';
import type { Element, Pattern, PatternKind, PatternLimits, TooLarge } from './types.ts';

export const DEFAULT_PATTERN_LIMITS: PatternLimits = {
  characterStates: 50_000,
  states: 200_000,
  atoms: 100_000,
};

/** `word` is `undefined` where there is none. */
export type Found = { readonly ok: true; readonly word: string | undefined } | TooLarge;

/** `except`: a word of the inner patterns that no outer one matches; `undefined` where all are included. */
export type Included = { readonly ok: true; readonly except: string | undefined } | TooLarge;

/** Words that the same patterns match. */
export interface Atom {
  /** A word of as few segments as there are, each of them short. */
  readonly word: string;
  /** Numbers of the patterns that match, ascending; none for the words outside all patterns. */
  readonly members: readonly number[];
}

export type Atoms = { readonly ok: true; readonly atoms: readonly Atom[] } | TooLarge;

function writeWord(kind: PatternKind, root: string, segments: readonly string[]): string {
  return kind === 'path' ? fromBytes(joinPath(root, segments)) : joinHost(segments);
}

function tooLarge(limit: keyof PatternLimits, limits: PatternLimits): TooLarge {
  const what = { characterStates: 'states over characters', states: 'states', atoms: 'classes of words' }[
    limit
  ];
  const message = `these patterns cut words into too many pieces: more than ${limits[limit].toLocaleString('en')} ${what}`;
  return { ok: false, message };
}

/** Visits all classes of words of all patterns' roots. */
function exploreAll(
  patterns: readonly Pattern[],
  limits: PatternLimits,
  visit: (members: readonly number[], word: () => string) => boolean,
): { ok: true } | TooLarge {
  let isDone = false;
  for (const root of new Set(patterns.map((pattern) => pattern.root))) {
    const automaton = SegmentAutomaton.make(patterns, root, limits);
    if (automaton === undefined) return tooLarge('characterStates', limits);
    const kind = patterns[0]?.kind ?? 'path';
    let isStart = true;
    const explored = automaton.explore((members, word) => {
      // The word without segments is the root itself: worth showing only where a pattern means it.
      const isShown = !isStart || members.length > 0;
      isStart = false;
      isDone ||= isShown && visit(members, () => writeWord(kind, root, word()));
      return isDone;
    });
    if (!explored.ok) return tooLarge(explored.limit, limits);
    if (isDone) break;
  }
  return { ok: true };
}

/**
 * A shortest word that matches one pattern of each list of `all`, and none of `none`.
 *
 * @example
 * shortestWord({ all: [[writable], [hooks]], none: [reviewed] }) // .git/hooks/a
 */
export function shortestWord(
  { all, none = [] }: { all: readonly (readonly Pattern[])[]; none?: readonly Pattern[] },
  limits: Partial<PatternLimits> = {},
): Found {
  if (all.length === 0 || all.some((list) => list.length === 0)) return { ok: true, word: undefined };
  // What begins elsewhere than every list does cannot matter.
  const roots = rootsOf(all);
  const lists = all.map((list) => list.filter(({ root }) => roots.has(root)));
  const patterns = [...lists.flat(), ...none.filter(({ root }) => roots.has(root))];
  const bounds: number[] = [0];
  for (const list of lists) bounds.push((bounds.at(-1) as number) + list.length);
  const wanted = bounds.at(-1) as number;
  let found: string | undefined;
  const explored = exploreAll(patterns, { ...DEFAULT_PATTERN_LIMITS, ...limits }, (members, word) => {
    const isExcluded = (members.at(-1) ?? -1) >= wanted;
    const isFound =
      !isExcluded &&
      lists.every((_, at) =>
        members.some((member) => member >= (bounds[at] as number) && member < (bounds[at + 1] as number)),
      );
    if (isFound) found = word();
    return isFound;
  });
  return explored.ok ? { ok: true, word: found } : explored;
}

function rootsOf(all: readonly (readonly Pattern[])[]): Set<string> {
  const [first = [], ...others] = all.map((list) => [...new Set(list.map(({ root }) => root))]);
  return new Set(first.filter((root) => others.every((roots) => roots.includes(root))));
}

/** A shortest word that both lists match. Some microseconds for most pairs: fit to hold every pattern against every other. */
export function intersect(
  one: readonly Pattern[],
  other: readonly Pattern[],
  limits: Partial<PatternLimits> = {},
): Found {
  const used = { ...DEFAULT_PATTERN_LIMITS, ...limits };
  let shortest: { root: string; segments: readonly string[] } | undefined;
  for (const left of one)
    for (const right of other) {
      if (left.root !== right.root) continue;
      const kind = left.root === ADDRESS ? 'address' : left.kind;
      for (const first of left.sequences)
        for (const second of right.sequences) {
          const segments = meet(first, second, kind, used.characterStates);
          if (segments === 'too large') return tooLarge('characterStates', used);
          if (
            segments === 'none' ||
            segments.length >= (shortest?.segments.length ?? Number.POSITIVE_INFINITY)
          )
            continue;
          shortest = { root: left.root, segments };
        }
    }
  const kind = one[0]?.kind ?? 'path';
  return { ok: true, word: shortest && writeWord(kind, shortest.root, shortest.segments) };
}

/** A shortest word of `from` that `without` does not match. */
export function subtract(
  from: readonly Pattern[],
  without: readonly Pattern[],
  limits?: Partial<PatternLimits>,
): Found {
  return shortestWord({ all: [from], none: without }, limits);
}

/** Whether all words of `inner` match `outer`, and one that does not. */
export function includes(
  outer: readonly Pattern[],
  inner: readonly Pattern[],
  limits?: Partial<PatternLimits>,
): Included {
  const found = subtract(inner, outer, limits);
  return found.ok ? { ok: true, except: found.word } : found;
}

/**
 * Cuts all words into those that no pattern tells apart, with a word of each. The words that no pattern matches are one of the atoms
 * (one, whatever their roots), with no members.
 *
 * The number of atoms is that of the patterns where they lie in each other or apart, and at worst exponential: `ok: false` beyond the
 * limits.
 */
export function atomsOf(patterns: readonly Pattern[], limits: Partial<PatternLimits> = {}): Atoms {
  const used = { ...DEFAULT_PATTERN_LIMITS, ...limits };
  const found = new Map<string, Atom>();
  const explored = exploreAll(patterns, used, (members, word) => {
    const key = members.join();
    if (!found.has(key)) found.set(key, { word: word(), members });
    return found.size > used.atoms;
  });
  if (!explored.ok) return explored;
  return found.size > used.atoms ? tooLarge('atoms', used) : { ok: true, atoms: [...found.values()] };
}

/** Whether a path (relative or absolute, as bytes or text) matches one of the patterns; `options` as the patterns were read with. */
export function matchesPath(
  patterns: readonly Pattern[],
  path: string | Uint8Array,
  options: PathOptions = {},
): boolean {
  return matchesWord(patterns, splitPath(path, options));
}

/** Whether a host name or an address matches one of the patterns. */
export function matchesHost(patterns: readonly Pattern[], host: string): boolean {
  return matchesWord(patterns, splitHost(host));
}

function matchesWord(
  patterns: readonly Pattern[],
  { root, segments }: { root: string; segments: readonly string[] },
): boolean {
  if (segments.includes('..')) return false;
  return patterns.some(
    (pattern) =>
      pattern.root === root && pattern.sequences.some((elements) => matchesSequence(elements, segments)),
  );
}

function matchesSequence(elements: readonly Element[], segments: readonly string[]): boolean {
  // Two fingers: on failure the last rest takes one segment more.
  let element = 0;
  let restElement = -1;
  let restAt = 0;
  for (let at = 0; at < segments.length; ) {
    const current = elements[element];
    if (current?.kind === 'rest') {
      restElement = element++;
      restAt = at;
    } else if (current !== undefined && matchesSegment(current, segments[at] as string)) {
      element++;
      at++;
    } else if (restElement >= 0) {
      element = restElement + 1;
      at = ++restAt;
    } else return false;
  }
  while (elements[element]?.kind === 'rest') element++;
  return element === elements.length;
}
