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
  /** it is found at its end only */
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
  /** state × width + class → state × width; states with something to say come last */
  readonly #next: Int32Array;
  readonly #classes = new Uint16Array(128);
  readonly #wide: ReadonlyMap<number, number>;
  readonly #start: number;
  /** from here on, states say something */
  readonly #telling: number;
  readonly #width: number;
  /** per telling state, where its literals begin in {@link #literals} */
  readonly #offsets: Int32Array;
  readonly #literals: Int32Array;

  constructor(literals: readonly Literal[]) {
    const wide = new Map<number, number>();
    let width = FIRST;
    const classOf = (unit: number): number => {
      if (unit >= 128) {
        const known = wide.get(unit);
        if (known !== undefined) return known;
        wide.set(unit, width);
      } else if (this.#classes[unit] !== OTHER) return this.#classes[unit] as number;
      else this.#classes[unit] = width;
      width += 1;
      return width - 1;
    };
    const words = literals.map(({ text, begin, end }) => {
      const folded = fold(text);
      const symbols = Array.from({ length: folded.length }, (_, index) => classOf(folded.charCodeAt(index)));
      return [...(begin ? [BEGIN] : []), ...symbols, ...(end ? [END] : [])];
    });
    for (let unit = 65; unit <= 90; unit += 1) this.#classes[unit] = this.#classes[unit + 32] as number;

    const children: Map<number, number>[] = [new Map()];
    const own: number[][] = [[]];
    for (const [id, word] of words.entries()) {
      let state = 0;
      for (const symbol of word) {
        let child = children[state]?.get(symbol);
        if (child === undefined) {
          child = children.length;
          children.push(new Map());
          own.push([]);
          children[state]?.set(symbol, child);
        }
        state = child;
      }
      own[state]?.push(id);
    }
    const size = children.length;
    const table = new Int32Array(size * width);
    const failure = new Int32Array(size);
    const outputs: number[][] = own;
    const order: number[] = [0];
    for (let at = 0; at < order.length; at += 1) {
      const state = order[at] as number;
      const fall = failure[state] as number;
      if (state !== 0) {
        table.copyWithin(state * width, fall * width, (fall + 1) * width);
        const below = outputs[fall] as number[];
        if (below.length > 0) outputs[state] = [...(outputs[state] as number[]), ...below];
      }
      for (const [symbol, child] of children[state] as Map<number, number>) {
        failure[child] = state === 0 ? 0 : (table[fall * width + symbol] as number);
        table[state * width + symbol] = child;
        order.push(child);
      }
    }
    // the root says something only where a literal is empty; then every state does
    const silent = order.filter((state) => (outputs[state] as number[]).length === 0);
    const telling = order.filter((state) => (outputs[state] as number[]).length > 0);
    const place = new Int32Array(size);
    for (const [index, state] of [...silent, ...telling].entries()) place[state] = index * width;
    this.#next = new Int32Array(size * width);
    for (let state = 0; state < size; state += 1)
      for (let symbol = 0; symbol < width; symbol += 1)
        this.#next[(place[state] as number) + symbol] = place[
          table[state * width + symbol] as number
        ] as number;
    this.#telling = silent.length * width;
    this.#width = width;
    this.#offsets = new Int32Array(telling.length + 1);
    const flat: number[] = [];
    for (const [index, state] of telling.entries()) {
      flat.push(...(outputs[state] as number[]));
      this.#offsets[index + 1] = flat.length;
    }
    this.#literals = Int32Array.from(flat);
    this.#wide = wide;
    this.#start = this.#next[(place[0] as number) + BEGIN] as number;
  }

  #tell(state: number, found: Found): void {
    const index = (state - this.#telling) / this.#width;
    const end = this.#offsets[index + 1] as number;
    for (let at = this.#offsets[index] as number; at < end; at += 1) found(this.#literals[at] as number);
  }

  scan(text: string, found: Found): void {
    const next = this.#next;
    const classes = this.#classes;
    const telling = this.#telling;
    let state = this.#start;
    if (state >= telling) this.#tell(state, found);
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit >= 128) {
        this.#scanWide(fold(text), found);
        return;
      }
      state = next[state + (classes[unit] as number)] as number;
      if (state >= telling) this.#tell(state, found);
    }
    state = next[state + END] as number;
    if (state >= telling) this.#tell(state, found);
  }

  /** What was found before is found again: whoever is told minds that. */
  #scanWide(text: string, found: Found): void {
    let state = this.#start;
    for (let index = 0; index <= text.length; index += 1) {
      const unit = index < text.length ? text.charCodeAt(index) : -1;
      const symbol =
        unit < 0 ? END : unit < 128 ? (this.#classes[unit] as number) : (this.#wide.get(unit) ?? OTHER);
      state = this.#next[state + symbol] as number;
      if (state >= this.#telling) this.#tell(state, found);
    }
  }
}
