/**
 * A world without variables: every way its rules apply, as far as some facts depend on it. What follows without some of the world's
 * own facts is then found in linear time (Dowling and Gallier, Journal of Logic Programming 1(3), 1984).
 *
 * @module
 */
import { Engine, LimitReached, type OnApplication } from './engine.ts';
import type { Fact, Limits, World } from './types.ts';

const MOST_APPLICATIONS = 1_000_000;

interface Application {
  readonly head: number;
  readonly body: readonly number[];
}

/** Gathers the ways in which an engine applies rules, from its beginning. */
export class Applications {
  readonly all: Application[] = [];

  /** @throws LimitReached */
  readonly note: OnApplication = (_rule, head, body) => {
    if (this.all.push({ head, body: [...body] }) > MOST_APPLICATIONS) throw new LimitReached('joins');
  };
}

/** What a fact was first derived by: the number of an application, or one of these. */
const NOT_DERIVED = -2;
const BY_ITSELF = -1;

export class GroundWorld {
  readonly #engine: Engine;
  readonly #targets: readonly number[];
  /** Own facts that the targets depend on. */
  readonly #own: readonly number[];
  readonly #applications: readonly Application[];
  /** Of each application: how many facts it needs. */
  readonly #needs: Int32Array<ArrayBuffer>;
  /** The applications that each fact is needed for, once for each time it is needed: those of a fact from its start to the next one's. */
  readonly #uses: Int32Array<ArrayBuffer>;
  readonly #usesFrom: Int32Array<ArrayBuffer>;

  /** @param engine one that is done, all of whose applications were gathered */
  constructor(engine: Engine, { all }: Applications, targets: readonly Fact[]) {
    this.#engine = engine;
    this.#targets = targets.map((fact) => engine.compiled.findFact(fact)).filter((id) => engine.holds(id));
    const needed = neededFor(this.#targets, all);
    this.#own = [...new Set(engine.own)].filter((id) => needed.has(id));
    this.#applications = all.filter(({ head }) => needed.has(head));
    this.#needs = Int32Array.from(this.#applications, ({ body }) => body.length);
    const from = new Int32Array(engine.rule.length + 1);
    for (const { body } of this.#applications) for (const id of body) from[id + 1] = (from[id + 1] ?? 0) + 1;
    for (let id = 1; id < from.length; id++) from[id] = (from[id] as number) + (from[id - 1] as number);
    this.#usesFrom = from;
    this.#uses = new Int32Array(from.at(-1) as number);
    const free = from.slice();
    for (const [at, { body }] of this.#applications.entries())
      for (const id of body) {
        const place = free[id] as number;
        this.#uses[place] = at;
        free[id] = place + 1;
      }
  }

  /** @throws WorldError; LimitReached */
  static of(world: World, targets: readonly Fact[], limits: Limits): GroundWorld {
    const applications = new Applications();
    return new GroundWorld(new Engine(world, limits, applications.note), applications, targets);
  }

  idOf(fact: Fact): number {
    return this.#engine.compiled.findFact(fact);
  }

  factOf(id: number): Fact {
    return this.#engine.compiled.factOf(id);
  }

  /** For each target (or those of them) that follows without some own facts: the own facts that a proof of it rests on. */
  premisesWithout(removed: ReadonlySet<number>, targets: ReadonlySet<number> | undefined): number[][] {
    const by = this.#derive(removed);
    const wanted = targets === undefined ? this.#targets : this.#targets.filter((id) => targets.has(id));
    return wanted.filter((id) => by[id] !== NOT_DERIVED).map((id) => this.#premises(id, by));
  }

  /** The targets that follow without some own facts. */
  followingWithout(removed: ReadonlySet<number>): number[] {
    const by = this.#derive(removed);
    return this.#targets.filter((id) => by[id] !== NOT_DERIVED);
  }

  /** By fact: what it was first derived by. */
  #derive(removed: ReadonlySet<number>): Int32Array {
    const by = new Int32Array(this.#engine.rule.length).fill(NOT_DERIVED);
    const queue: number[] = [];
    for (const id of this.#own)
      if (!removed.has(id)) {
        by[id] = BY_ITSELF;
        queue.push(id);
      }
    const conclude = (at: number): void => {
      const { head } = this.#applications[at] as Application;
      if (by[head] !== NOT_DERIVED) return;
      by[head] = at;
      queue.push(head);
    };
    const missing = this.#needs.slice();
    for (const [at, needs] of this.#needs.entries()) if (needs === 0) conclude(at);
    for (let next = 0; next < queue.length; next++) {
      const id = queue[next] as number;
      const end = this.#usesFrom[id + 1] as number;
      for (let place = this.#usesFrom[id] as number; place < end; place++) {
        const at = this.#uses[place] as number;
        const left = (missing[at] as number) - 1;
        missing[at] = left;
        if (left === 0) conclude(at);
      }
    }
    return by;
  }

  #premises(target: number, by: Int32Array): number[] {
    const seen = new Set([target]);
    const premises: number[] = [];
    for (const id of seen) {
      const application = by[id] as number;
      if (application === BY_ITSELF) premises.push(id);
      else for (const part of this.#applications[application]?.body ?? []) seen.add(part);
    }
    return premises;
  }
}

function neededFor(targets: readonly number[], applications: readonly Application[]): Set<number> {
  const byHead = new Map<number, Application[]>();
  for (const application of applications) {
    const others = byHead.get(application.head);
    if (others === undefined) byHead.set(application.head, [application]);
    else others.push(application);
  }
  const needed = new Set(targets);
  // A set that is added to while it is gone through: the loop reaches what is added.
  for (const id of needed)
    for (const { body } of byHead.get(id) ?? []) for (const part of body) needed.add(part);
  return needed;
}
