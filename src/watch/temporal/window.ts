/**
 * The state of ONCE and SINCE: the tuples that were true at a distance in the interval, each once, with what shows it.
 * Each tuple enters, is renewed and leaves in constant time, whatever the window holds.
 *
 * @module
 */
import { tupleKey, type Value } from './values.ts';

export interface Entry {
  readonly tuple: readonly Value[];
  readonly key: Value;
  /** numbers of the events that show it, of the latest time */
  cites: readonly number[];
  /** the latest of its times that is old enough, µs */
  time: number;
  /** how many of its times are too recent */
  waiting: number;
  gone: boolean;
}

/** Those who keep something for each tuple that is in the window. */
export interface Listener {
  enter(entry: Entry): void;
  leave(entry: Entry): void;
}

/** Entries by some of their columns. */
class Index implements Listener {
  readonly #columns: readonly number[];
  readonly #entries = new Map<Value, Set<Entry>>();

  constructor(columns: readonly number[]) {
    this.#columns = columns;
  }

  get(key: Value): ReadonlySet<Entry> | undefined {
    return this.#entries.get(key);
  }

  enter(entry: Entry): void {
    const key = this.#keyOf(entry);
    const known = this.#entries.get(key);
    if (known) known.add(entry);
    else this.#entries.set(key, new Set([entry]));
  }

  leave(entry: Entry): void {
    const key = this.#keyOf(entry);
    const known = this.#entries.get(key);
    known?.delete(entry);
    if (known?.size === 0) this.#entries.delete(key);
  }

  #keyOf({ tuple }: Entry): Value {
    return tupleKey(this.#columns.map((column) => tuple[column] as Value));
  }
}

export class Window {
  readonly #from: number;
  readonly #to: number;
  readonly #limit: number;
  /** every tuple with a time, by its key */
  readonly #all = new Map<Value, Entry>();
  /** those that are old enough, the oldest time first */
  readonly #active = new Map<Value, Entry>();
  /** times that are too recent, in their order; taken from `#head` on */
  #recent: { time: number; entry: Entry; cites: readonly number[] }[] = [];
  #head = 0;
  readonly #listeners: Listener[] = [];
  /** those who keep something for each tuple that is held, too recent or not */
  readonly #holders: Index[] = [];
  readonly #indexes = new Map<string, Index>();
  readonly #characters: number;
  /** characters of the texts in all tuples */
  #held = 0;
  /** how many tuples were dropped to stay within the limits */
  lost = 0;

  /**
   * @param from least and `to` greatest distance in µs, both included; `limit`: tuples and waiting times, and characters
   *   of their texts, at most
   */
  constructor(from: number, to: number, limit: { tuples: number; characters: number }) {
    this.#from = from;
    this.#to = to;
    this.#limit = limit.tuples;
    this.#characters = limit.characters;
  }

  get size(): number {
    return this.#all.size + this.#recent.length - this.#head;
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Looks entries up by these columns from now on; to be asked for before the first tuple. */
  index(columns: readonly number[]): (key: Value) => Iterable<Entry> | undefined {
    const name = columns.join();
    const known = this.#indexes.get(name) ?? new Index(columns);
    if (!this.#indexes.has(name)) this.listen(known);
    this.#indexes.set(name, known);
    return (key) => known.get(key);
  }

  /** The same among all that are held. */
  heldIndex(columns: readonly number[]): (key: Value) => Iterable<Entry> | undefined {
    const index = new Index(columns);
    this.#holders.push(index);
    return (key) => index.get(key);
  }

  /** What is in the window now. */
  entries(): IterableIterator<Entry> {
    return this.#active.values();
  }

  get(key: Value): Entry | undefined {
    return this.#active.get(key);
  }

  /** Every tuple that was true and has not been removed since: of SINCE, the too recent ones as well. */
  held(): IterableIterator<Entry> {
    return this.#all.values();
  }

  heldAt(key: Value): Entry | undefined {
    return this.#all.get(key);
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Time has come to `now` (µs): what has become old enough enters, what is too old leaves. */
  advance(now: number): void {
    while (this.#head < this.#recent.length) {
      const next = this.#recent[this.#head] as { time: number; entry: Entry; cites: readonly number[] };
      if (next.time > now - this.#from) break;
      this.#head += 1;
      if (next.entry.gone) continue;
      next.entry.waiting -= 1;
      this.#activate(next.entry, next.time, next.cites);
    }
    if (this.#head > 1024 && this.#head * 2 > this.#recent.length) {
      this.#recent = this.#recent.slice(this.#head);
      this.#head = 0;
    }
    const oldest = now - this.#to;
    for (const entry of this.#active.values()) {
      if (entry.time >= oldest) break;
      this.#deactivate(entry);
    }
  }

  /** A tuple is true at `now`. */
  insert(now: number, tuple: readonly Value[], cites: readonly number[]): void {
    const key = tupleKey(tuple);
    let entry = this.#all.get(key);
    if (!entry) {
      entry = { tuple, key, cites, time: now, waiting: 0, gone: false };
      this.#all.set(key, entry);
      this.#held += lengthOf(tuple);
      for (const holder of this.#holders) holder.enter(entry);
    }
    if (this.#from === 0) this.#activate(entry, now, cites);
    else {
      entry.waiting += 1;
      this.#recent.push({ time: now, entry, cites });
    }
    while (this.size > this.#limit || this.#held > this.#characters) this.#dropOldest();
  }

  /** A tuple's past does not count any more. */
  remove(entry: Entry): void {
    if (this.#active.delete(entry.key)) for (const listener of this.#listeners) listener.leave(entry);
    this.#release(entry);
  }

  clear(): void {
    for (const entry of [...this.#all.values()]) this.remove(entry);
    this.#recent = [];
    this.#head = 0;
  }

  #activate(entry: Entry, time: number, cites: readonly number[]): void {
    entry.time = time;
    const isNew = !this.#active.delete(entry.key);
    // to the end: the map is in the order of times
    this.#active.set(entry.key, entry);
    entry.cites = cites;
    if (isNew) for (const listener of this.#listeners) listener.enter(entry);
  }

  #deactivate(entry: Entry): void {
    this.#active.delete(entry.key);
    for (const listener of this.#listeners) listener.leave(entry);
    if (entry.waiting > 0) return;
    this.#release(entry);
  }

  #release(entry: Entry): void {
    if (this.#all.get(entry.key) === entry) {
      this.#all.delete(entry.key);
      this.#held -= lengthOf(entry.tuple);
      for (const holder of this.#holders) holder.leave(entry);
    }
    entry.gone = true;
  }

  #dropOldest(): void {
    this.lost += 1;
    const [first] = this.#active.values();
    if (first) {
      this.#deactivate(first);
      return;
    }
    const next = this.#recent[this.#head];
    this.#head += 1;
    if (!next || next.entry.gone) return;
    next.entry.waiting -= 1;
    if (next.entry.waiting === 0) this.remove(next.entry);
  }
}

function lengthOf(tuple: readonly Value[]): number {
  let length = 0;
  for (const value of tuple) if (typeof value === 'string') length += value.length;
  return length;
}
