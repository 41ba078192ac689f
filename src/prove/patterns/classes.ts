/**
 * Cuts all segments into classes that no pattern of a list tells apart, with a short readable word of each: an automaton over
 * characters, of which the literal patterns are a trie and the others sets of positions.
 *
 * @module
 */
import { type Alphabet, alphabetOf, reservedOf } from './alphabet.ts';
import { matchesSegment, takes } from './segment.ts';
import type { Segment, Token } from './types.ts';

/** Segments that the same patterns match. */
export interface SegmentClass {
  /** A short word of the class, as bytes. */
  readonly word: string;
  /** Numbers of the patterns that match, ascending. */
  readonly members: readonly number[];
}

interface TrieNode {
  readonly children: Map<number, TrieNode>;
  readonly number: number;
  /** The pattern that ends here; -1 none; -2 a word that is no segment. */
  member: number;
}

const NONE = -1;
const RESERVED = -2;

/** The classes, the shortest words first; `undefined` where the automaton needs more states than `limit`. */
export function classesOf(
  segments: readonly Segment[],
  kind: Alphabet,
  limit: number,
): SegmentClass[] | undefined {
  return segments.every((segment) => segment.kind === 'literal')
    ? literalClasses(segments, kind)
    : globClasses(segments, kind, limit);
}

/** Words differ: each is its own class, and all others are one. */
function literalClasses(
  segments: readonly (Segment & { kind: 'literal' })[],
  kind: Alphabet,
): SegmentClass[] {
  const taken = new Set(segments.map(({ text }) => text));
  const classes: SegmentClass[] = segments.map(({ text }, at) => ({ word: text, members: [at] }));
  return [{ word: wordBeside(taken, alphabetOf(kind)), members: [] }, ...classes].sort(
    (one, other) => one.word.length - other.word.length,
  );
}

/** The shortest word of the most readable characters that is not taken. */
function wordBeside(taken: ReadonlySet<string>, alphabet: readonly number[]): string {
  let words = [''];
  for (;;) {
    const longer: string[] = [];
    for (const word of words)
      for (const byte of alphabet.slice(0, 26)) {
        const next = word + String.fromCharCode(byte);
        if (!taken.has(next)) return next;
        longer.push(next);
      }
    words = longer;
  }
}

function globClasses(
  segments: readonly Segment[],
  kind: Alphabet,
  limit: number,
): SegmentClass[] | undefined {
  const globs = new GlobAutomaton(segments, alphabetOf(kind));
  const trie = new Trie(segments, reservedOf(kind));
  const found = new Map<string, SegmentClass>();
  const seen = new Set<number>();
  let level: { glob: number; node: TrieNode | undefined; word: string }[] = [
    { glob: globs.start, node: trie.root, word: '' },
  ];
  while (level.length > 0) {
    const next: typeof level = [];
    for (const { glob, node, word } of level) {
      for (const step of globs.steps(glob, node?.children)) {
        const child = node?.children.get(step.byte);
        const key = step.to * trie.size + (child?.number ?? 0); // the root is not reached again
        if (seen.has(key)) continue;
        seen.add(key);
        if (seen.size + globs.size > limit) return undefined;
        const longer = word + String.fromCharCode(step.byte);
        next.push({ glob: step.to, node: child, word: longer });
        if (child?.member === RESERVED) continue;
        const members = [...globs.accepted(step.to)];
        if (child !== undefined && child.member !== NONE) members.push(child.member);
        members.sort((one, other) => one - other);
        const signature = members.join();
        if (!found.has(signature)) found.set(signature, { word: longer, members });
      }
    }
    level = next;
  }
  return [...found.values()].map((each) => readable(each, segments, kind));
}

/**
 * A word of one pattern alone, the same as its class has, found without an automaton; `undefined` where that is not as simple.
 */
export function plainWord(segment: Segment & { kind: 'glob' }, kind: Alphabet): string | undefined {
  const alphabet = alphabetOf(kind);
  let word = '';
  for (const token of segment.tokens) {
    if (token === 'star') continue;
    const byte = alphabet.find((each) => takes(token, each));
    if (byte === undefined) return undefined;
    word += String.fromCharCode(byte);
  }
  if (word === '' || reservedOf(kind).includes(word)) return undefined;
  return readable({ word, members: [0] }, [segment], kind).word;
}

/** A word that a star made begin with a mark, such as `.js`, reads better as `a.js`; taken where the same patterns match it. */
function readable(found: SegmentClass, segments: readonly Segment[], kind: Alphabet): SegmentClass {
  if (/^[a-zA-Z0-9]/.test(found.word)) return found;
  for (const first of alphabetOf(kind).slice(0, 3)) {
    const word = String.fromCharCode(first) + found.word;
    const members = segments.flatMap((segment, at) => (matchesSegment(segment, word) ? [at] : []));
    if (members.join() === found.members.join()) return { word, members };
  }
  return found;
}

class Trie {
  readonly root: TrieNode = { children: new Map(), number: 0, member: NONE };
  size = 1;

  constructor(segments: readonly Segment[], reserved: readonly string[]) {
    segments.forEach((segment, at) => {
      if (segment.kind === 'literal') this.#add(segment.text, at);
    });
    for (const word of reserved) this.#add(word, RESERVED);
  }

  #add(text: string, member: number): void {
    let node = this.root;
    for (let at = 0; at < text.length; at++) {
      const byte = text.charCodeAt(at);
      const child = node.children.get(byte) ?? { children: new Map(), number: this.size++, member: NONE };
      node.children.set(byte, child);
      node = child;
    }
    node.member = member;
  }
}

/** All globs at once: a state is a set of positions within them. Bytes that no glob tells apart are taken together. */
class GlobAutomaton {
  readonly start: number;
  readonly #tokens: (Token | 'end')[] = [];
  readonly #patterns: number[] = [];
  readonly #blocks: readonly number[][];
  readonly #blockOf: readonly (number | undefined)[];
  readonly #states: { positions: number[]; accepted: number[]; next: number[] }[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(segments: readonly Segment[], alphabet: readonly number[]) {
    const starts: number[] = [];
    segments.forEach((segment, at) => {
      if (segment.kind !== 'glob') return;
      starts.push(this.#tokens.length);
      for (const token of [...segment.tokens, 'end'] as const) {
        this.#tokens.push(token);
        this.#patterns.push(at);
      }
    });
    this.#blocks = blocksOf(this.#tokens, alphabet);
    const blockOf: number[] = [];
    for (const [block, bytes] of this.#blocks.entries()) for (const byte of bytes) blockOf[byte] = block;
    this.#blockOf = blockOf;
    this.start = this.#state(starts);
  }

  get size(): number {
    return this.#states.length;
  }

  accepted(state: number): readonly number[] {
    return this.#states[state]?.accepted ?? [];
  }

  /** One step for each block of bytes, and one for each byte that leads on in the trie. */
  *steps(
    state: number,
    apart: ReadonlyMap<number, unknown> | undefined,
  ): Generator<{ byte: number; to: number }> {
    for (const [block, bytes] of this.#blocks.entries()) {
      const byte = apart === undefined ? bytes[0] : bytes.find((each) => !apart.has(each));
      if (byte !== undefined) yield { byte, to: this.#next(state, block) };
    }
    for (const byte of apart?.keys() ?? []) {
      const block = this.#blockOf[byte];
      if (block !== undefined) yield { byte, to: this.#next(state, block) };
    }
  }

  #next(state: number, block: number): number {
    const { positions, next } = this.#states[state] as { positions: number[]; next: number[] };
    const known = next[block];
    if (known !== undefined) return known;
    const byte = this.#blocks[block]?.[0] as number;
    const targets: number[] = [];
    for (const position of positions) {
      const token = this.#tokens[position];
      if (token === 'star') targets.push(position);
      else if (token !== undefined && token !== 'end' && takes(token, byte)) targets.push(position + 1);
    }
    const to = this.#state(targets);
    next[block] = to;
    return to;
  }

  #state(targets: readonly number[]): number {
    const closed = new Set<number>();
    for (let position of targets) {
      closed.add(position);
      while (this.#tokens[position] === 'star') closed.add(++position);
    }
    const positions = [...closed].sort((one, other) => one - other);
    const key = positions.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const accepted = positions.filter((position) => this.#tokens[position] === 'end');
    const number = this.#states.push({
      positions,
      accepted: accepted.map((position) => this.#patterns[position] as number),
      next: [],
    });
    this.#numbers.set(key, number - 1);
    return number - 1;
  }
}

/** Bytes that are in the same sets, together; in the alphabet's order. */
function blocksOf(tokens: readonly (Token | 'end')[], alphabet: readonly number[]): number[][] {
  const alone = new Set(tokens.filter((token) => typeof token === 'number'));
  const sets = tokens.filter((token) => token instanceof Uint8Array);
  const blocks = new Map<string, number[]>();
  for (const byte of alphabet) {
    const key = sets.map((set) => set[byte]).join('') + (alone.has(byte) ? ` ${byte}` : '');
    const block = blocks.get(key);
    if (block === undefined) blocks.set(key, [byte]);
    else block.push(byte);
  }
  return [...blocks.values()];
}
