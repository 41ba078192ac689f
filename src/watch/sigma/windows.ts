/**
 * What a group of a correlation remembers of its window: no more than its condition can still ask for.
 *
 * @module
 */
import type { FieldValue } from '../observation.ts';
import { keyPart } from './keys.ts';
import { compareNumbers } from './match.ts';
import type { Bounds, Presence, SigmaCorrelation } from './types.ts';

export interface Window {
  /** when something was added last */
  last: number;
  /** what the last judgement said */
  held: boolean;
  /** `undefined`: the observation does not count here; else whether the condition holds now */
  add(
    time: number,
    rules: readonly number[],
    values: readonly FieldValue[],
    cites: readonly number[],
  ): boolean | undefined;
  /** events that show it, at most {@link MAX_CITES}, ascending */
  cites(time: number): number[];
  lost?(): number;
}

export const MAX_CITES = 50;
/** Values of one group that sums, averages and percentiles are made of. */
export const MAX_VALUES = 2_000;

export function within(value: number, bounds: Bounds): boolean {
  const { gt, gte, lt, lte, eq, neq } = bounds;
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte) &&
    (eq === undefined || value === eq) &&
    (neq === undefined || value !== neq)
  );
}

/** From this count on, more makes no difference. */
const ceilingOf = (bounds: Bounds): number => Math.max(0, ...Object.values(bounds)) + 1;

/** Events that one group remembers at most. */
export function sizeOf({ type, bounds = {}, rules }: SigmaCorrelation): number {
  switch (type) {
    case 'event_count':
    case 'value_count':
      return ceilingOf(bounds) + MAX_CITES;
    case 'temporal':
    case 'temporal_ordered':
      return rules.length ** 2;
    default:
      return MAX_VALUES + MAX_CITES;
  }
}

const ascending = (cites: Iterable<number>): number[] =>
  [...new Set(cites)].sort((first, second) => first - second).slice(-MAX_CITES);

/** The last things in order of time, at most so many. */
class Ring<Item> {
  readonly #items: (Item | undefined)[] = [];
  readonly #most: number;
  #start = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get length(): number {
    return this.#items.length - this.#start;
  }

  first(): Item | undefined {
    return this.#items[this.#start];
  }

  shift(): Item | undefined {
    const item = this.#items[this.#start];
    this.#items[this.#start] = undefined;
    this.#start += 1;
    if (this.#start * 2 > this.#items.length + 16) {
      this.#items.splice(0, this.#start);
      this.#start = 0;
    }
    return item;
  }

  /** what had to go for it */
  push(item: Item): Item | undefined {
    this.#items.push(item);
    return this.length > this.#most ? this.shift() : undefined;
  }

  *[Symbol.iterator](): Generator<Item> {
    for (let index = this.#start; index < this.#items.length; index += 1) yield this.#items[index] as Item;
  }
}

/** Times and citations of the last events. */
class Recent {
  readonly #ring = new Ring<{ time: number; cites: readonly number[] }>(MAX_CITES);
  readonly #timespan: number;

  constructor(timespan: number) {
    this.#timespan = timespan;
  }

  push(time: number, cites: readonly number[]): void {
    this.#ring.push({ time, cites });
  }

  cites(time: number): number[] {
    const cites: number[] = [];
    for (const event of this.#ring) if (time - event.time <= this.#timespan) cites.push(...event.cites);
    return ascending(cites);
  }
}

/** event_count: the times of as many events as the condition can tell apart. */
export function eventWindow({ timespan, bounds = {} }: SigmaCorrelation): Window {
  const times = new Ring<number>(ceilingOf(bounds));
  const recent = new Recent(timespan);
  return {
    last: 0,
    held: false,
    add(time, _rules, _values, cites) {
      this.last = time;
      times.push(time);
      recent.push(time, cites);
      for (let first = times.first(); first !== undefined && time - first > timespan; first = times.first())
        times.shift();
      return within(times.length, bounds);
    },
    cites: (time) => recent.cites(time),
  };
}

/** value_count: the values seen last, in that order, as many as the condition can tell apart; the others: numbers. */
export function valueWindow(rule: SigmaCorrelation): Window {
  return rule.type === 'value_count' ? distinctWindow(rule) : numberWindow(rule);
}

function distinctWindow({ timespan, bounds = {} }: SigmaCorrelation): Window {
  const most = ceilingOf(bounds);
  const seen = new Map<string, { time: number; cites: readonly number[] }>();
  return {
    last: 0,
    held: false,
    add(time, _rules, values, cites) {
      if (values.some((value) => value === undefined)) return undefined;
      this.last = time;
      // a list has several values
      const combinations = values.length === 1 && typeof values[0] === 'object' ? values[0] : [undefined];
      for (const one of combinations) {
        const key = one === undefined ? JSON.stringify(values.map(keyPart)) : JSON.stringify([keyPart(one)]);
        seen.delete(key);
        seen.set(key, { time, cites });
      }
      for (const [key, value] of seen) {
        if (time - value.time <= timespan && seen.size <= most) break;
        seen.delete(key);
      }
      return within(seen.size, bounds);
    },
    cites: () => ascending([...seen.values()].slice(-MAX_CITES).flatMap(({ cites }) => cites)),
  };
}

function numberWindow(rule: SigmaCorrelation): Window {
  const { timespan, bounds = {}, type } = rule;
  const events = new Ring<{ time: number; value: number }>(MAX_VALUES);
  const recent = new Recent(timespan);
  const sorted: number[] = [];
  const ranked = type === 'value_median' || type === 'value_percentile';
  let sum = 0;
  let removed = 0;
  let lost = 0;
  const place = (value: number): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const remove = (value: number): void => {
    if (ranked) sorted.splice(place(value), 1);
    sum -= value;
    removed += 1;
    // what rounding left over does not pile up
    if (removed < 1000 && events.length > 0) return;
    removed = 0;
    sum = 0;
    for (const event of events) sum += event.value;
  };
  const result = (): number => {
    switch (type) {
      case 'value_sum':
        return sum;
      case 'value_avg':
        return sum / events.length;
      case 'value_median':
        return percentile(sorted, 50);
      default:
        return percentile(sorted, rule.percentile ?? 50);
    }
  };
  return {
    last: 0,
    held: false,
    add(time, _rules, values, cites) {
      const [given] = values;
      const text = typeof given === 'object' ? given[0] : given === undefined ? undefined : String(given);
      if (text === undefined || compareNumbers(text, '0') === undefined) return undefined;
      const value = Number(text);
      this.last = time;
      const dropped = events.push({ time, value });
      recent.push(time, cites);
      sum += value;
      if (ranked) sorted.splice(place(value), 0, value);
      if (dropped !== undefined) {
        remove(dropped.value);
        if (time - dropped.time <= timespan) lost += 1;
      }
      for (
        let first = events.first();
        first !== undefined && time - first.time > timespan;
        first = events.first()
      ) {
        events.shift();
        remove(first.value);
      }
      return within(result(), bounds);
    },
    cites: (time) => recent.cites(time),
    lost: () => {
      const count = lost;
      lost = 0;
      return count;
    },
  };
}

/** With linear interpolation between the nearest ranks (definition 7 of Hyndman and Fan, 1996). */
export function percentile(sorted: readonly number[], rank: number): number {
  const position = ((sorted.length - 1) * rank) / 100;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (position - below);
}

/** temporal: when each rule matched last. */
export function presenceWindow({ timespan, rules, bounds, presence }: SigmaCorrelation): Window {
  const seen = rules.map(() => ({ time: Number.NEGATIVE_INFINITY, cites: [] as readonly number[] }));
  const present = (index: number, time: number): boolean => time - (seen[index]?.time ?? 0) <= timespan;
  const evaluate = (condition: Presence, time: number): boolean => {
    if ('rule' in condition) return present(condition.rule, time);
    if ('not' in condition) return !evaluate(condition.not, time);
    if ('and' in condition) return condition.and.every((one) => evaluate(one, time));
    return condition.or.some((one) => evaluate(one, time));
  };
  return {
    last: 0,
    held: false,
    add(time, matched, _values, cites) {
      this.last = time;
      for (const rule of matched) seen[rule] = { time, cites };
      if (presence !== undefined) return evaluate(presence, time);
      const count = seen.filter((_, index) => present(index, time)).length;
      return bounds === undefined ? count === rules.length : within(count, bounds);
    },
    cites: (time) => ascending(seen.flatMap((one, index) => (present(index, time) ? one.cites : []))),
  };
}

/** A chain of matches in order: when the first was, at the latest, and what shows them. */
interface Chain {
  readonly start: number;
  readonly cites: readonly number[];
}

/**
 * temporal_ordered: for each rule and length, the chain ending with that rule that began last. That is enough: of two
 * chains that end alike, the one that began later is in every window that the other is in.
 */
export function chainWindow({ timespan, rules, bounds, presence }: SigmaCorrelation): Window {
  const absent = presence === undefined ? [] : negated(presence, false);
  const required = rules.map((_, index) => index).filter((index) => !absent.includes(index));
  const wanted = presence === undefined ? required : required.filter((index) => positive(presence, index));
  const never = Number.NEGATIVE_INFINITY;
  /** length - 1 → place in `wanted` → chain */
  const best: (Chain | undefined)[][] = wanted.map(() => wanted.map(() => undefined));
  const lastAbsent = new Map<number, number>();
  let longest: Chain | undefined;
  return {
    last: 0,
    held: false,
    add(time, matched, _values, cites) {
      this.last = time;
      for (const rule of matched) if (absent.includes(rule)) lastAbsent.set(rule, time);
      // from the longest, so that one event is not two links of one chain
      for (let length = wanted.length; length >= 1; length -= 1)
        for (const [place, rule] of wanted.entries()) {
          if (!matched.includes(rule)) continue;
          const row = best[length - 1] as (Chain | undefined)[];
          let chain: Chain | undefined;
          if (length === 1) chain = { start: time, cites };
          else
            for (const before of (best[length - 2] as (Chain | undefined)[]).slice(0, place))
              if (before !== undefined && (chain === undefined || before.start > chain.start)) chain = before;
          if (chain === undefined) continue;
          const known = row[place];
          if (known === undefined || chain.start >= known.start)
            row[place] =
              length === 1
                ? chain
                : { start: chain.start, cites: [...chain.cites, ...cites].slice(-MAX_CITES) };
        }
      let count = 0;
      for (const [index, row] of best.entries())
        for (const chain of row)
          if (chain !== undefined && time - chain.start <= timespan) {
            if (count < index + 1 || (longest?.start ?? never) < chain.start) longest = chain;
            count = index + 1;
          }
      if ([...lastAbsent.values()].some((when) => time - when <= timespan)) return false;
      return bounds === undefined || presence !== undefined ? count === wanted.length : within(count, bounds);
    },
    cites: () => ascending(longest?.cites ?? []),
  };
}

/** Rules that a condition names under `not`. */
function negated(condition: Presence, inside: boolean): number[] {
  if ('rule' in condition) return inside ? [condition.rule] : [];
  if ('not' in condition) return negated(condition.not, !inside);
  return ('and' in condition ? condition.and : condition.or).flatMap((one) => negated(one, inside));
}

/** Whether a condition names a rule outside `not`. */
function positive(condition: Presence, rule: number): boolean {
  if ('rule' in condition) return condition.rule === rule;
  if ('not' in condition) return false;
  return ('and' in condition ? condition.and : condition.or).some((one) => positive(one, rule));
}
