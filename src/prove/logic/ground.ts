/**
 * A world without variables: every way its rules apply, as far as some facts depend on it. What follows without some of the world's
 * own facts is then found in linear time (Dowling and Gallier, Journal of Logic Programming 1(3), 1984).
 *
 * @module
 */
import { Engine, LimitReached, OWN } from './engine.ts';
import type { Fact, Limits, World } from './types.ts';

const MOST_APPLICATIONS = 1_000_000;

interface Application {
  readonly head: number;
  readonly body: readonly number[];
}

export class GroundWorld {
  readonly #engine: Engine;
  readonly #targets: readonly number[];
  /** Own facts that the targets depend on. */
  readonly #own: readonly number[];
  readonly #applications: readonly Application[];
  /** For each fact: the applications that it is needed for, once for each time it is needed. */
  readonly #uses = new Map<number, number[]>();

  /** @throws WorldError; LimitReached */
  constructor(world: World, targets: readonly Fact[], limits: Limits) {
    const all: Application[] = [];
    this.#engine = new Engine(world, limits, (_rule, head, body) => {
      if (all.push({ head, body: [...body] }) > MOST_APPLICATIONS) throw new LimitReached('joins');
    });
    this.#targets = targets
      .map((fact) => this.#engine.compiled.findFact(fact))
      .filter((id) => this.#engine.holds(id));
    const needed = neededFor(this.#targets, all);
    this.#own = [...needed].filter((id) => this.#engine.rule[id] === OWN);
    this.#applications = all.filter(({ head }) => needed.has(head));
    for (const [at, { body }] of this.#applications.entries())
      for (const id of body) {
        const uses = this.#uses.get(id);
        if (uses === undefined) this.#uses.set(id, [at]);
        else uses.push(at);
      }
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
    return wanted.filter((id) => by.has(id)).map((id) => this.#premises(id, by));
  }

  /** The targets that follow without some own facts. */
  followingWithout(removed: ReadonlySet<number>): number[] {
    const by = this.#derive(removed);
    return this.#targets.filter((id) => by.has(id));
  }

  /** What follows, each by what it was first derived by: an application, or nothing for an own fact. */
  #derive(removed: ReadonlySet<number>): Map<number, number | undefined> {
    const by = new Map<number, number | undefined>();
    const queue: number[] = [];
    const derive = (id: number, application: number | undefined): void => {
      if (by.has(id)) return;
      by.set(id, application);
      queue.push(id);
    };
    const missing = this.#applications.map(({ body }) => body.length);
    for (const id of this.#own) if (!removed.has(id)) derive(id, undefined);
    for (const [at, { head, body }] of this.#applications.entries()) if (body.length === 0) derive(head, at);
    for (let next = 0; next < queue.length; next++)
      for (const at of this.#uses.get(queue[next] as number) ?? []) {
        missing[at] = (missing[at] as number) - 1;
        if (missing[at] === 0) derive((this.#applications[at] as Application).head, at);
      }
    return by;
  }

  #premises(target: number, by: ReadonlyMap<number, number | undefined>): number[] {
    const seen = new Set([target]);
    const premises: number[] = [];
    for (const id of seen) {
      const application = by.get(id);
      if (application === undefined) premises.push(id);
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
