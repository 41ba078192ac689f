/**
 * Turns a world's names into numbers and its rules into join plans: for each literal of a body, how to find the others once a new
 * fact stands in its place.
 *
 * @module
 */
import { liveRules } from './live.ts';
import { FactStore, Index } from './store.ts';
import { type Fact, type HornRule, type Literal, type Term, type World, WorldError } from './types.ts';

/** A column's value: a constant's number, or a variable's slot as `-1 - slot`. */
export type Value = number;

/** Finds facts for one literal while some of its columns are known. */
export interface JoinStep {
  /** The literal's place in the body. */
  readonly position: number;
  readonly predicate: number;
  /** Known columns' values, in the order of the index's columns. */
  readonly key: readonly Value[];
  /** `undefined` where every column is known: the fact is looked up itself. */
  readonly index: Index | undefined;
  /** Columns that give a variable its value, and the variable's slot. */
  readonly binds: readonly { column: number; slot: number }[];
  /** Columns that repeat a variable first bound in this same literal. */
  readonly repeats: readonly { column: number; slot: number }[];
  /** Whether the new fact itself may not stand here: it did so in an earlier plan. */
  readonly older: boolean;
}

/** What to do when a new fact stands at one place of one rule's body. */
export interface Plan {
  readonly rule: number;
  readonly position: number;
  /** How the new fact's own columns must be: constants to compare, variables to bind or compare. */
  readonly constants: readonly { column: number; constant: number }[];
  readonly binds: readonly { column: number; slot: number }[];
  readonly repeats: readonly { column: number; slot: number }[];
  readonly steps: readonly JoinStep[];
}

export interface CompiledRule {
  readonly rule: HornRule;
  readonly predicate: number;
  readonly head: readonly Value[];
  readonly body: number;
}

export class Compiled {
  readonly constants: string[] = [];
  readonly predicates: string[] = [];
  readonly arity: number[] = [];
  readonly store: FactStore;
  readonly rules: CompiledRule[] = [];
  /** Plans by the predicate of the new fact. */
  readonly plans: Plan[][] = [];
  /** Indexes to keep up to date, by predicate. */
  readonly indexes: Index[][] = [];
  /** The most variables of any rule. */
  slots = 0;
  readonly #constantIds = new Map<string, number>();
  readonly #predicateIds = new Map<string, number>();
  readonly #indexes = new Map<string, Index>();

  /** @param later facts that may be added beside the world's own */
  constructor(world: World, later: readonly Fact[] = []) {
    this.store = new FactStore(this.arity, world.facts.length);
    const live = liveRules(world.rules, [...world.facts, ...later]);
    const seen = new Set<string>();
    world.rules.forEach((rule, number) => {
      if (seen.has(rule.id))
        throw new WorldError(`two rules have the id ${rule.id}`, 'Give each rule an id of its own.');
      seen.add(rule.id);
      this.#compileRule(rule, number, live[number] === true);
    });
    for (const fact of world.bad) this.#predicate(fact, 'a bad fact');
  }

  /** The constant's number, given one where it is new. */
  constant(text: string): number {
    const known = this.#constantIds.get(text);
    if (known !== undefined) return known;
    const id = this.constants.push(text) - 1;
    this.#constantIds.set(text, id);
    return id;
  }

  #predicate(literal: Literal, where: string): number {
    const [name] = literal;
    const arity = literal.length - 1;
    const known = this.#predicateIds.get(name);
    if (known === undefined) {
      const id = this.predicates.push(name) - 1;
      this.arity.push(arity);
      this.plans.push([]);
      this.indexes.push([]);
      this.#predicateIds.set(name, id);
      return id;
    }
    // A fact of another length would silently never match, and what it leads to would seem unreachable.
    if (this.arity[known] !== arity)
      throw new WorldError(
        `${where} uses ${name} with ${arity} arguments, elsewhere it has ${this.arity[known]}`,
        'Use a predicate with one number of arguments throughout.',
      );
    return known;
  }

  /** Adds a fact, naming what is new. */
  addFact(fact: Fact, args: number[]): number {
    const predicate = this.#predicate(fact, `the fact ${fact.join(' ')}`);
    for (let at = 1; at < fact.length; at++) args[at - 1] = this.constant(fact[at] as string);
    return this.store.add(predicate, args);
  }

  /** The fact's number, or -1. */
  findFact(fact: Fact): number {
    const predicate = this.#predicateIds.get(fact[0]);
    if (predicate === undefined || this.arity[predicate] !== fact.length - 1) return -1;
    const args: number[] = [];
    for (let at = 1; at < fact.length; at++) {
      const id = this.#constantIds.get(fact[at] as string);
      if (id === undefined) return -1;
      args.push(id);
    }
    return this.store.find(predicate, args);
  }

  factOf(id: number): Fact {
    const predicate = this.store.predicate[id] as number;
    const start = this.store.start[id] as number;
    const fact: [string, ...string[]] = [this.predicates[predicate] as string];
    for (let column = 0; column < (this.arity[predicate] as number); column++)
      fact.push(this.constants[this.store.pool[start + column] as number] as string);
    return fact;
  }

  /** A rule that can never be applied has its place and its meaning looked at, and no plan. */
  #compileRule(rule: HornRule, number: number, isLive: boolean): void {
    const slots = new Map<string, number>();
    const valueFor = (term: Term): Value => {
      if (typeof term === 'string') return this.constant(term);
      const slot = slots.get(term.var) ?? slots.size;
      slots.set(term.var, slot);
      return -1 - slot;
    };
    const body = rule.body.map((literal) => ({
      predicate: this.#predicate(literal, `rule ${rule.id}`),
      values: (literal.slice(1) as Term[]).map(valueFor),
    }));
    const bound = slots.size;
    const head = (rule.head.slice(1) as Term[]).map(valueFor);
    if (slots.size > bound) {
      const free = [...slots.keys()].slice(bound).join(', ');
      throw new WorldError(
        `rule ${rule.id} concludes about ${free}, of which its body says nothing`,
        'Use every variable of the head in the body.',
      );
    }
    this.slots = Math.max(this.slots, slots.size);
    const predicate = this.#predicate(rule.head, `rule ${rule.id}`);
    this.rules.push({ rule, predicate, head, body: body.length });
    if (!isLive) return;
    body.forEach((_literal, position) => {
      const first = body[position] as (typeof body)[number];
      this.plans[first.predicate]?.push(this.#plan(number, position, body));
    });
  }

  #plan(rule: number, position: number, body: readonly { predicate: number; values: Value[] }[]): Plan {
    const known = new Set<number>();
    const own = (body[position] as (typeof body)[number]).values;
    const constants = own.flatMap((value, column) => (value >= 0 ? [{ column, constant: value }] : []));
    const { binds, repeats } = split(own, known);
    const steps: JoinStep[] = [];
    const open = new Set(body.keys());
    open.delete(position);
    while (open.size > 0) {
      const next = mostKnown(open, body, known);
      open.delete(next);
      const { predicate, values } = body[next] as (typeof body)[number];
      const columns = values.flatMap((value, column) => (isKnown(value, known) ? [column] : []));
      steps.push({
        position: next,
        predicate,
        key: columns.map((column) => values[column] as Value),
        index: columns.length === values.length ? undefined : this.#index(predicate, columns),
        older: next < position,
        ...split(values, known),
      });
    }
    return { rule, position, constants, binds, repeats, steps };
  }

  #index(predicate: number, columns: readonly number[]): Index {
    const name = `${predicate}:${columns.join()}`;
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    const index = new Index(this.store, columns);
    this.#indexes.set(name, index);
    this.indexes[predicate]?.push(index);
    return index;
  }
}

const isKnown = (value: Value, known: ReadonlySet<number>): boolean => value >= 0 || known.has(value);

/**
 * The literal to look at next: one about something that is bound already, if there is one (a constant alone, such as a kind, is often
 * that of very many facts); among these the one of which the most is known, in proportion.
 */
function mostKnown(
  open: ReadonlySet<number>,
  body: readonly { values: Value[] }[],
  known: ReadonlySet<number>,
): number {
  let best = -1;
  let bestRank = -1;
  for (const position of open) {
    const { values } = body[position] as { values: Value[] };
    const isBound = values.some((value) => known.has(value));
    const count = values.filter((value) => isKnown(value, known)).length;
    const rank = count === values.length ? 2 : count / values.length + (isBound ? 1 : 0);
    if (rank > bestRank) {
      best = position;
      bestRank = rank;
    }
  }
  return best;
}

/** Which columns bind the variables not known yet and which repeat one of those; all are known afterwards. */
function split(values: readonly Value[], known: Set<number>): Pick<Plan, 'binds' | 'repeats'> {
  const fresh = new Set<number>();
  const binds: { column: number; slot: number }[] = [];
  const repeats: { column: number; slot: number }[] = [];
  values.forEach((value, column) => {
    if (isKnown(value, known)) return;
    (fresh.has(value) ? repeats : binds).push({ column, slot: -1 - value });
    fresh.add(value);
  });
  for (const value of fresh) known.add(value);
  return { binds, repeats };
}
