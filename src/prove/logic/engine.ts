/**
 * The fixpoint. Facts are settled one by one, cheapest proof first (Knuth, "A generalization of Dijkstra's algorithm",
 * Information Processing Letters 6(1), 1977), and each newly settled fact is joined with the settled ones only: semi-naive
 * evaluation with a delta of one fact. So each way to apply a rule is seen once, and the first settled proof is a shortest one.
 *
 * @module
 */
import { Compiled, type JoinStep, type Plan, type Value } from './compile.ts';
import { CostQueue } from './queue.ts';
import type { Fact, Limits, World } from './types.ts';

/** By what a fact is known: one of the world's own. */
export const OWN = -1;

/** Told of each way to apply a rule, once: the rule's number, the head's and the body's facts (an array that is used again). */
export type OnApplication = (rule: number, head: number, body: Int32Array) => void;

/** Thrown within the engine alone, and caught by those who start it. */
export class LimitReached extends Error {
  readonly limit: keyof Limits;

  constructor(limit: keyof Limits) {
    super(limit);
    this.limit = limit;
  }
}

export class Engine {
  readonly compiled: Compiled;
  /** Facts in the order they were settled: by the length of their proofs. */
  readonly settled: number[] = [];
  /** Rule of the best proof by fact, or `OWN`. */
  readonly rule: number[] = [];
  /** Rule applications of the best proof, by fact. */
  readonly cost: number[] = [];
  /** The world's own facts. */
  readonly own: number[] = [];
  /** By fact: its place in `settled`, or -1. */
  readonly #place: number[] = [];
  /** The body of the best proof, `#stride` places for each fact. */
  #bodies = new Int32Array(4096);
  readonly #stride: number;
  readonly #queue = new CostQueue();
  readonly #environment: Int32Array;
  readonly #body: Int32Array;
  readonly #args: number[] = [];
  readonly #key: number[] = [];
  readonly #limits: Limits;
  readonly #onApplication: OnApplication | undefined;
  #joins = 0;

  /**
   * @param later facts that {@link extend} may be given
   * @throws WorldError; LimitReached
   */
  constructor(world: World, limits: Limits, onApplication?: OnApplication, later: readonly Fact[] = []) {
    this.#limits = limits;
    this.#onApplication = onApplication;
    const compiled = new Compiled(world, later);
    this.compiled = compiled;
    this.#environment = new Int32Array(compiled.slots);
    this.#stride = Math.max(1, ...compiled.rules.map(({ body }) => body));
    this.#body = new Int32Array(this.#stride);
    this.#admitOwn(world.facts);
    compiled.rules.forEach(({ body }, rule) => {
      if (body === 0) this.#conclude(rule);
    });
    this.#run();
  }

  /**
   * Goes on with more own facts. What was settled before keeps its number, its place and its proof; of what is settled now the proofs are
   * not the shortest.
   *
   * @throws WorldError; LimitReached
   */
  extend(facts: readonly Fact[]): void {
    this.#admitOwn(facts);
    this.#run();
  }

  #admitOwn(facts: readonly Fact[]): void {
    for (const fact of facts) {
      const id = this.compiled.addFact(fact, this.#args);
      this.own.push(id);
      if (id === this.rule.length) this.#admit(id, OWN, 0);
    }
  }

  /** Whether the fact with this number follows; of what was settled `before` so many facts were. */
  holds(id: number, before = Number.POSITIVE_INFINITY): boolean {
    const place = this.#place[id] ?? -1;
    return place >= 0 && place < before;
  }

  /** The facts by which the fact's best proof goes. */
  bodyOf(id: number): Int32Array {
    const rule = this.rule[id] as number;
    const start = id * this.#stride;
    return this.#bodies.subarray(start, start + (rule === OWN ? 0 : (this.compiled.rules[rule]?.body ?? 0)));
  }

  #isSettled(id: number): boolean {
    return (this.#place[id] as number) >= 0;
  }

  #admit(id: number, rule: number, cost: number): void {
    if (id >= this.#limits.facts) throw new LimitReached('facts');
    this.rule[id] = rule;
    this.cost[id] = cost;
    this.#place[id] = -1;
    this.#queue.push(id, cost);
  }

  #run(): void {
    const { store, indexes, plans } = this.compiled;
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      const { id, cost } = next;
      if (this.#isSettled(id) || this.cost[id] !== cost) continue;
      this.#place[id] = this.settled.push(id) - 1;
      const predicate = store.predicate[id] as number;
      for (const index of indexes[predicate] as (typeof indexes)[number]) index.add(id);
      for (const plan of plans[predicate] as Plan[]) this.#apply(plan, id);
    }
  }

  #apply(plan: Plan, id: number): void {
    const { store } = this.compiled;
    const { pool } = store;
    const start = store.start[id] as number;
    for (const { column, constant } of plan.constants) if (pool[start + column] !== constant) return;
    if (!this.#bind(plan, start)) return;
    this.#body[plan.position] = id;
    this.#join(plan, 0, id);
  }

  #bind({ binds, repeats }: Pick<Plan, 'binds' | 'repeats'>, start: number): boolean {
    const { pool } = this.compiled.store;
    for (const { column, slot } of binds) this.#environment[slot] = pool[start + column] as number;
    for (const { column, slot } of repeats)
      if (this.#environment[slot] !== pool[start + column]) return false;
    return true;
  }

  #resolve(values: readonly Value[], into: number[]): void {
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as Value;
      into[at] = value >= 0 ? value : (this.#environment[-1 - value] as number);
    }
  }

  #join(plan: Plan, depth: number, newest: number): void {
    if (depth === plan.steps.length) {
      this.#conclude(plan.rule);
      return;
    }
    const step = plan.steps[depth] as JoinStep;
    const { store } = this.compiled;
    if (++this.#joins > this.#limits.joins) throw new LimitReached('joins');
    this.#resolve(step.key, this.#key);
    if (step.index === undefined) {
      const id = store.find(step.predicate, this.#key);
      if (id < 0 || !this.#isSettled(id) || (step.older && id === newest)) return;
      this.#body[step.position] = id;
      this.#join(plan, depth + 1, newest);
      return;
    }
    // Nothing is settled while a fact is joined, so the chain does not change under the loop.
    for (let id = step.index.first(this.#key); id >= 0; id = step.index.next[id] as number) {
      if (++this.#joins > this.#limits.joins) throw new LimitReached('joins');
      if (step.older && id === newest) continue;
      if (!this.#bind(step, store.start[id] as number)) continue;
      this.#body[step.position] = id;
      this.#join(plan, depth + 1, newest);
    }
  }

  #conclude(rule: number): void {
    const { head, predicate, body } = this.compiled.rules[rule] as (typeof this.compiled.rules)[number];
    this.#resolve(head, this.#args);
    const id = this.compiled.store.add(predicate, this.#args);
    let cost = 1;
    for (let at = 0; at < body; at++) cost += this.cost[this.#body[at] as number] as number;
    if (id === this.rule.length) this.#admit(id, rule, cost);
    else if (this.#isSettled(id) || !this.#isBetter(id, rule, cost)) {
      this.#onApplication?.(rule, id, this.#body.subarray(0, body));
      return;
    } else {
      this.rule[id] = rule;
      if (cost !== this.cost[id]) {
        this.cost[id] = cost;
        this.#queue.push(id, cost);
      }
    }
    this.#keepBody(id, body);
    this.#onApplication?.(rule, id, this.#body.subarray(0, body));
  }

  #isBetter(id: number, rule: number, cost: number): boolean {
    const known = this.cost[id] as number;
    return cost < known || (cost === known && rule < (this.rule[id] as number));
  }

  #keepBody(id: number, body: number): void {
    const start = id * this.#stride;
    if (start + this.#stride > this.#bodies.length) {
      const bigger = new Int32Array(Math.max(this.#bodies.length * 2, start + this.#stride));
      bigger.set(this.#bodies);
      this.#bodies = bigger;
    }
    for (let at = 0; at < body; at++) this.#bodies[start + at] = this.#body[at] as number;
  }
}
