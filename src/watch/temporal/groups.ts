/**
 * Aggregates over a window, kept up to date as tuples enter and leave: of counts and sums of integers nothing is added up
 * twice.
 *
 * @module
 */
import { type Aggregate, aggregate, tupleKey, type Value } from './values.ts';
import type { Entry, Listener } from './window.ts';

/** How many events a finding cites of one group. */
const CITED = 16;

export class Group {
  readonly tuple: readonly Value[];
  readonly entries = new Set<Entry>();
  /** those that entered last, the latest last; some may have left */
  latest: Entry[] = [];
  /** sum of its integers, while it is exact */
  sum = 0;
  numbers = 0;
  /** values that are no integers, or too large to be added up exactly */
  inexact = 0;
  /** of the aggregates that are not kept: until the group changes */
  known: { value: number | undefined } | undefined;

  constructor(tuple: readonly Value[]) {
    this.tuple = tuple;
  }

  /** The latest of the events that it consists of. */
  cites(): readonly number[] {
    const cited = this.latest.filter((entry) => this.entries.has(entry)).flatMap(({ cites }) => cites);
    return [...new Set(cited)].sort((left, right) => left - right).slice(-CITED);
  }
}

export class Groups implements Listener {
  readonly #op: Aggregate;
  readonly #over: number;
  readonly #columns: readonly number[];
  readonly #groups = new Map<Value, Group>();

  /** @param over and `columns`: places in the window's tuples, of what is aggregated and of what it is grouped by */
  constructor(op: Aggregate, over: number, columns: readonly number[]) {
    this.#op = op;
    this.#over = over;
    this.#columns = columns;
    if (columns.length === 0) this.#groups.set('', new Group([]));
  }

  enter(entry: Entry): void {
    const tuple = this.#columns.map((column) => entry.tuple[column] as Value);
    const key = tupleKey(tuple);
    let group = this.#groups.get(key);
    if (!group) {
      group = new Group(tuple);
      this.#groups.set(key, group);
    }
    group.entries.add(entry);
    if (group.latest.push(entry) >= 2 * CITED) group.latest = group.latest.slice(-CITED);
    this.#add(group, entry, 1);
  }

  leave(entry: Entry): void {
    const key = tupleKey(this.#columns.map((column) => entry.tuple[column] as Value));
    const group = this.#groups.get(key);
    if (!group?.entries.delete(entry)) return;
    this.#add(group, entry, -1);
    if (group.entries.size === 0 && this.#columns.length > 0) this.#groups.delete(key);
  }

  get(key: Value): Group | undefined {
    return this.#groups.get(key);
  }

  all(): IterableIterator<Group> {
    return this.#groups.values();
  }

  valueOf(group: Group): number | undefined {
    if (this.#op === 'CNT') return group.entries.size;
    const isExact = group.inexact === 0;
    if (isExact && this.#op === 'SUM') return group.sum;
    if (isExact && this.#op === 'AVG') return group.numbers === 0 ? undefined : group.sum / group.numbers;
    group.known ??= { value: aggregate(this.#op, this.#values(group)) };
    return group.known.value;
  }

  #values(group: Group): Value[] {
    return [...group.entries].map(({ tuple }) => tuple[this.#over] as Value);
  }

  #add(group: Group, entry: Entry, sign: 1 | -1): void {
    group.known = undefined;
    const value = entry.tuple[this.#over] as Value;
    if (typeof value !== 'number') return;
    group.numbers += sign;
    // 2^43: a thousand of them add up exactly, and beyond that the sum itself tells
    if (Number.isInteger(value) && Math.abs(value) < 2 ** 43) group.sum += sign * value;
    else group.inexact += sign;
    if (!Number.isSafeInteger(group.sum)) group.inexact = Number.POSITIVE_INFINITY;
  }
}
