/**
 * Which formulas can be monitored: those whose every variable gets its values from events, not from all that could be.
 * This is the monitorable fragment of the paper cited in `syntax.ts`, a little wider: conjuncts are put in an order in
 * which each has the values that it needs.
 *
 * @module
 */
import { type Core, type CoreTerm, freeSlots, slotsOf } from './core.ts';
import { FormulaError, type Place } from './syntax.ts';

type Bound = ReadonlySet<number>;

/** Why a formula cannot be evaluated, and where. `slot`: the variable that has no value. */
interface Unsafe {
  slot: number | undefined;
  place: Place;
  what: string;
}

const NONE: Bound = new Set();

/** What is known of subformulas, by the variables that have values there: each is asked about again and again. */
export class Checked {
  readonly #known = new Map<Core, Map<string, Unsafe | undefined>>();
  #left: number;

  /** @param most questions at most */
  constructor(most = MOST_CHECKS) {
    this.#left = most;
  }

  /** @throws FormulaError where there are too many ways in which it could be evaluated */
  problemOf(core: Core, bound: Bound): Unsafe | undefined {
    let known = this.#known.get(core);
    if (!known) {
      known = new Map();
      this.#known.set(core, known);
    }
    const free = freeSlots(core);
    const key = free.filter((slot) => bound.has(slot)).join();
    if (known.has(key)) return known.get(key);
    this.#left -= 1;
    if (this.#left < 0)
      throw new FormulaError('it takes too long to check', core.place, 'split it into several rules');
    const problem = findProblem(core, bound, this);
    known.set(key, problem);
    return problem;
  }
}

/** A formula of ours takes some fifty. */
const MOST_CHECKS = 50_000;

/**
 * @param nameOf what a slot is called
 * @throws FormulaError where a variable could have infinitely many values
 */
export function requireSafe(core: Core, nameOf: (slot: number) => string): void {
  const unsafe = new Checked().problemOf(core, NONE);
  if (!unsafe) return;
  const name = unsafe.slot === undefined ? '' : `${nameOf(unsafe.slot)} `;
  throw new FormulaError(
    `${name}${unsafe.what}`,
    unsafe.place,
    'let a predicate give it a value first, in the same conjunction: p(x) AND NOT q(x)',
  );
}

/** @returns undefined where it can be evaluated when `bound` have values */
function findProblem(core: Core, bound: Bound, checked: Checked): Unsafe | undefined {
  const { place } = core;
  const missing = (slots: readonly number[], what: string): Unsafe | undefined => {
    const slot = slots.find((one) => !bound.has(one));
    return slot === undefined ? undefined : { slot, place, what };
  };
  switch (core.kind) {
    case 'truth':
    case 'atom':
    case 'instant':
      return undefined;
    case 'external':
      return missing(core.args.flatMap(slotsOf), `has no value where ${core.name} asks about it`);
    case 'compare':
      if (assigns(core, bound)) return undefined;
      return missing([...slotsOf(core.left), ...slotsOf(core.right)], 'has no value where it is compared');
    case 'not':
      return (
        missing(freeSlots(core.body), 'occurs only in what is not') ?? checked.problemOf(core.body, bound)
      );
    case 'and': {
      const ordered = orderOf(core.parts, bound, checked);
      return Array.isArray(ordered) ? undefined : ordered;
    }
    case 'or': {
      for (const part of core.parts) {
        const problem = checked.problemOf(part, bound);
        if (problem) return problem;
      }
      const all = freeSlots(core).filter((slot) => !bound.has(slot));
      for (const part of core.parts) {
        const own = freeSlots(part);
        const slot = all.find((one) => !own.includes(one));
        if (slot !== undefined)
          return { slot, place: part.place, what: 'has a value on one side of OR alone' };
      }
      return undefined;
    }
    case 'exists':
      return checked.problemOf(core.body, without(bound, core.slots));
    case 'previous':
    case 'once':
      return checked.problemOf(core.body, NONE);
    case 'since': {
      const right = checked.problemOf(core.right, NONE);
      if (right) return right;
      const kept = new Set(freeSlots(core.right));
      const slot = freeSlots(core.left).find((one) => !kept.has(one));
      if (slot !== undefined) return { slot, place, what: 'occurs left of SINCE, and not right of it' };
      return checked.problemOf(core.left, kept);
    }
    case 'aggregate': {
      const problem = checked.problemOf(core.body, NONE);
      if (problem) return problem;
      const inside = freeSlots(core.body);
      const slot = core.groups.find((one) => !inside.includes(one));
      return slot === undefined
        ? undefined
        : { slot, place, what: 'groups, and does not occur in what is aggregated' };
    }
  }
}

/** Conjuncts in an order in which each can be evaluated, the cheapest first; or why there is none. */
export function orderOf(parts: readonly Core[], bound: Bound, checked: Checked): Core[] | Unsafe {
  const left = [...parts];
  const ordered: Core[] = [];
  const now = new Set(bound);
  while (left.length > 0) {
    let best: { index: number; cost: number } | undefined;
    for (const [index, part] of left.entries()) {
      if (checked.problemOf(part, now)) continue;
      const cost = costOf(part, now);
      if (!best || cost < best.cost) best = { index, cost };
    }
    if (!best) return checked.problemOf(left[0] as Core, now) as Unsafe;
    const [next] = left.splice(best.index, 1) as [Core];
    ordered.push(next);
    for (const slot of freeSlots(next)) now.add(slot);
  }
  return ordered;
}

/** `x = term`, where the term has a value and x none yet: the side that gets it. */
export function assigns(core: Core & { kind: 'compare' }, bound: Bound): 'left' | 'right' | undefined {
  if (core.op !== '=') return undefined;
  const isFree = (term: CoreTerm) => term.kind === 'slot' && !bound.has(term.slot);
  const isKnown = (term: CoreTerm) => slotsOf(term).every((slot) => bound.has(slot));
  if (isFree(core.left) && isKnown(core.right)) return 'left';
  return isFree(core.right) && isKnown(core.left) ? 'right' : undefined;
}

/** A rough order: tests, then what the present event gives, then look-ups with a key, then lists. */
function costOf(core: Core, bound: Bound): number {
  const open = freeSlots(core).filter((slot) => !bound.has(slot)).length;
  switch (core.kind) {
    case 'truth':
    case 'compare':
    case 'external':
    case 'instant':
      return 0;
    case 'atom':
      return 1;
    case 'or':
    case 'and':
    case 'exists':
      return 10 + open;
    case 'not':
      return 20;
    default:
      // what has a key already is a look-up
      return open === 0 ? 5 : 30 + open * 10;
  }
}

const without = (bound: Bound, slots: readonly number[]): Bound =>
  new Set([...bound].filter((slot) => !slots.includes(slot)));
