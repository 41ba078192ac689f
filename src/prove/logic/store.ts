/**
 * Facts as rows of small integers, and the hash indexes that joins use. Arrays of numbers throughout: 50,000 facts are a few
 * megabytes and no work for the garbage collector.
 *
 * @module
 */

const EMPTY = -1;

/** Mixes one more integer into a hash (the multiplier and shift of MurmurHash3's finaliser, A. Appleby, public domain). */
export function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

function grown(array: Int32Array<ArrayBuffer>, needed: number): Int32Array<ArrayBuffer> {
  if (needed <= array.length) return array;
  const bigger = new Int32Array(Math.max(needed, array.length * 2));
  bigger.set(array);
  return bigger;
}

/** All facts, each once, numbered in the order of their first mention. */
export class FactStore {
  size = 0;
  predicate: Int32Array<ArrayBuffer> = new Int32Array(1024);
  /** Where a fact's arguments begin in `pool`. */
  start: Int32Array<ArrayBuffer> = new Int32Array(1024);
  pool: Int32Array<ArrayBuffer> = new Int32Array(4096);
  #used = 0;
  #table: Int32Array<ArrayBuffer>;
  readonly #arity: readonly number[];

  /**
   * @param arity by predicate; may grow while facts are added
   * @param expected how many facts at least: room for some times as many is made at once
   */
  constructor(arity: readonly number[], expected: number) {
    this.#arity = arity;
    this.#table = new Int32Array(4096 * 2 ** Math.ceil(Math.log2(1 + expected / 512))).fill(EMPTY);
  }

  #hash(predicate: number, pool: ArrayLike<number>, start: number, arity: number): number {
    let hash = mix(0x9e3779b9, predicate);
    for (let column = 0; column < arity; column++) hash = mix(hash, pool[start + column] as number);
    return hash;
  }

  /** The place in the table of a fact with these arguments: taken by it, or empty. */
  #place(predicate: number, args: ArrayLike<number>, arity: number): number {
    const mask = this.#table.length - 1;
    let place = this.#hash(predicate, args, 0, arity) & mask;
    for (;;) {
      const id = this.#table[place] as number;
      if (id === EMPTY) return place;
      if (this.predicate[id] === predicate) {
        const start = this.start[id] as number;
        let column = 0;
        while (column < arity && this.pool[start + column] === args[column]) column++;
        if (column === arity) return place;
      }
      place = (place + 1) & mask;
    }
  }

  /** The fact's number, or -1. */
  find(predicate: number, args: ArrayLike<number>): number {
    return this.#table[this.#place(predicate, args, this.#arity[predicate] as number)] as number;
  }

  /** The fact's number; it is new when `size` has grown. */
  add(predicate: number, args: ArrayLike<number>): number {
    const arity = this.#arity[predicate] as number;
    const place = this.#place(predicate, args, arity);
    const known = this.#table[place] as number;
    if (known !== EMPTY) return known;
    const id = this.size++;
    this.predicate = grown(this.predicate, this.size);
    this.start = grown(this.start, this.size);
    this.pool = grown(this.pool, this.#used + arity);
    this.predicate[id] = predicate;
    this.start[id] = this.#used;
    for (let column = 0; column < arity; column++) this.pool[this.#used + column] = args[column] as number;
    this.#used += arity;
    this.#table[place] = id;
    if (this.size * 2 > this.#table.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 4).fill(EMPTY);
    const mask = table.length - 1;
    for (let id = 0; id < this.size; id++) {
      const predicate = this.predicate[id] as number;
      let place =
        this.#hash(predicate, this.pool, this.start[id] as number, this.#arity[predicate] as number) & mask;
      while (table[place] !== EMPTY) place = (place + 1) & mask;
      table[place] = id;
    }
    this.#table = table;
  }
}

/** The facts of one predicate by the values of some columns; facts of one key are chained in the order they were added. */
export class Index {
  /** The next fact with the same key, by fact; -1 at the end. */
  next: Int32Array<ArrayBuffer> = new Int32Array(1024);
  #first: Int32Array<ArrayBuffer> = new Int32Array(64);
  #last: Int32Array<ArrayBuffer> = new Int32Array(64);
  #groups = 0;
  #table: Int32Array<ArrayBuffer> = new Int32Array(128).fill(EMPTY);
  readonly #store: FactStore;
  readonly #columns: readonly number[];

  constructor(store: FactStore, columns: readonly number[]) {
    this.#store = store;
    this.#columns = columns;
  }

  #hashOf(id: number): number {
    const start = this.#store.start[id] as number;
    let hash = 0x9e3779b9;
    for (const column of this.#columns) hash = mix(hash, this.#store.pool[start + column] as number);
    return hash;
  }

  /** Adds a fact of this index's predicate, once. */
  add(id: number): void {
    const { pool, start } = this.#store;
    const columns = this.#columns;
    const own = start[id] as number;
    const mask = this.#table.length - 1;
    let place = this.#hashOf(id) & mask;
    this.next = grown(this.next, id + 1);
    this.next[id] = EMPTY;
    for (;;) {
      const group = this.#table[place] as number;
      if (group === EMPTY) break;
      const other = start[this.#first[group] as number] as number;
      let part = 0;
      while (
        part < columns.length &&
        pool[other + (columns[part] as number)] === pool[own + (columns[part] as number)]
      )
        part++;
      if (part === columns.length) {
        this.next[this.#last[group] as number] = id;
        this.#last[group] = id;
        return;
      }
      place = (place + 1) & mask;
    }
    const group = this.#groups++;
    this.#first = grown(this.#first, this.#groups);
    this.#last = grown(this.#last, this.#groups);
    this.#first[group] = id;
    this.#last[group] = id;
    this.#table[place] = group;
    if (this.#groups * 2 > this.#table.length) this.#rehash();
  }

  /** The first fact whose columns have these values (one per column of the index), or -1. */
  first(key: ArrayLike<number>): number {
    const { pool, start } = this.#store;
    const columns = this.#columns;
    const mask = this.#table.length - 1;
    let hash = 0x9e3779b9;
    for (let part = 0; part < columns.length; part++) hash = mix(hash, key[part] as number);
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const group = this.#table[place] as number;
      if (group === EMPTY) return EMPTY;
      const id = this.#first[group] as number;
      const own = start[id] as number;
      let part = 0;
      while (part < columns.length && pool[own + (columns[part] as number)] === key[part]) part++;
      if (part === columns.length) return id;
    }
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 4).fill(EMPTY);
    const mask = table.length - 1;
    for (let group = 0; group < this.#groups; group++) {
      let place = this.#hashOf(this.#first[group] as number) & mask;
      while (table[place] !== EMPTY) place = (place + 1) & mask;
      table[place] = group;
    }
    this.#table = table;
  }
}
