/**
 * Finds all of many literals in one pass over a text, whatever their case: Aho and Corasick, "Efficient string matching",
 * CACM 18(6), 1975, as a dense table. The beginning and the end of a text are characters of their own, so that "begins
 * with", "ends with" and "is" cost no more than "contains".
 *
 * @module
 */
import { fold } from './pattern.ts';

export interface Literal {
  readonly text: string;
  /** it is found at the beginning of the text only */
  readonly begin: boolean;
  /** it is found at its end only; a literal without text has one of the two */
  readonly end: boolean;
}

/** Classes of characters: those that no literal has are one. */
const OTHER = 0;
const BEGIN = 1;
const END = 2;
const FIRST = 3;

/** Told once for each literal found at each place: `id` is its index. */
export type Found = (id: number) => void;

export class Automaton {
  readonly #width: number;
  readonly #classes = new Uint16Array(128);
  readonly #wide = new Map<number, number>();
  /** where a state's row begins + class → where the next one's begins, twice that, and 1 where that one says something */
  readonly #next: Int32Array;
  readonly #start: number;
  /** state → 1 + the literal that ends there, and so on by {@link #same} */
  readonly #ends: Int32Array;
  /** literal → 1 + another that is the same text */
  readonly #same: Int32Array;
  /** state → the nearest that is its end and says something; 0: none does */
  readonly #below: Int32Array;

  constructor(literals: readonly Literal[]) {
    const classes = this.#classes;
    const wide = this.#wide;
    const texts = literals.map(({ text }) => fold(text));
    let width = FIRST;
    let most = 1;
    for (const text of texts) {
      most += text.length + 2;
      for (let index = 0; index < text.length; index += 1) {
        const unit = text.charCodeAt(index);
        if (unit >= 128) {
          if (!wide.has(unit)) wide.set(unit, width++);
        } else if (classes[unit] === OTHER) classes[unit] = width++;
      }
    }
    for (let unit = 65; unit <= 90; unit += 1) classes[unit] = classes[unit + 32] as number;

    // the tree of all literals: its edges in lists, and in the table until the rows are filled
    const table = new Int32Array(most * width);
    const ends = new Int32Array(most);
    const same = new Int32Array(literals.length);
    const firstEdge = new Int32Array(most);
    const nextEdge = new Int32Array(most);
    const symbolOf = new Int32Array(most);
    let states = 1;
    const step = (state: number, symbol: number): number => {
      const known = table[state * width + symbol] as number;
      if (known !== 0) return known;
      const child = states++;
      table[state * width + symbol] = child;
      symbolOf[child] = symbol;
      nextEdge[child] = firstEdge[state] as number;
      firstEdge[state] = child;
      return child;
    };
    for (let id = 0; id < literals.length; id += 1) {
      const { begin, end } = literals[id] as Literal;
      const text = texts[id] as string;
      let state = begin ? step(0, BEGIN) : 0;
      for (let index = 0; index < text.length; index += 1)
        state = step(state, this.#symbol(text.charCodeAt(index)));
      if (end) state = step(state, END);
      same[id] = ends[state] as number;
      ends[state] = id + 1;
    }

    // rows from the root outwards: what a state does not know, the longest other end of what was read knows
    const fallback = new Int32Array(states);
    const below = new Int32Array(states);
    const queue = new Int32Array(states);
    let queued = 1;
    for (let at = 0; at < queued; at += 1) {
      const state = queue[at] as number;
      const fall = fallback[state] as number;
      const row = state * width;
      if (state !== 0) table.copyWithin(row, fall * width, (fall + 1) * width);
      for (let child = firstEdge[state] as number; child !== 0; child = nextEdge[child] as number) {
        const place = row + (symbolOf[child] as number);
        const end = state === 0 ? 0 : ((table[place] as number) >> 1) / width;
        fallback[child] = end;
        below[child] = ends[end] !== 0 ? end : (below[end] as number);
        const tells = ends[child] !== 0 || below[child] !== 0;
        table[place] = ((child * width) << 1) | (tells ? 1 : 0);
        queue[queued++] = child;
      }
    }
    this.#width = width;
    this.#next = table.subarray(0, states * width);
    this.#ends = ends;
    this.#same = same;
    this.#below = below;
    this.#start = this.#next[BEGIN] as number;
  }

  #symbol(unit: number): number {
    return unit < 128 ? (this.#classes[unit] as number) : (this.#wide.get(unit) ?? OTHER);
  }

  #tell(entry: number, found: Found): void {
    let state = (entry >> 1) / this.#width;
    if (this.#ends[state] === 0) state = this.#below[state] as number;
    for (; state !== 0; state = this.#below[state] as number)
      for (
        let literal = this.#ends[state] as number;
        literal !== 0;
        literal = this.#same[literal - 1] as number
      )
        found(literal - 1);
  }

  scan(text: string, found: Found): void {
    const next = this.#next;
    const classes = this.#classes;
    let state = this.#start;
    if ((state & 1) !== 0) this.#tell(state, found);
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit >= 128) {
        this.#scanWide(fold(text), found);
        return;
      }
      state = next[(state >> 1) + (classes[unit] as number)] as number;
      if ((state & 1) !== 0) this.#tell(state, found);
    }
    state = next[(state >> 1) + END] as number;
    if ((state & 1) !== 0) this.#tell(state, found);
  }

  /** What was found before is found again: whoever is told minds that. */
  #scanWide(text: string, found: Found): void {
    let state = this.#start;
    for (let index = 0; index <= text.length; index += 1) {
      const symbol = index < text.length ? this.#symbol(text.charCodeAt(index)) : END;
      state = this.#next[(state >> 1) + symbol] as number;
      if ((state & 1) !== 0) this.#tell(state, found);
    }
  }
}
