/**
 * Many questions about one world: what still follows when some of its own facts are thought away, and which changes break what follows.
 * The world is grounded once, so that each question is linear.
 *
 * @module
 */
import { Engine, LimitReached } from './engine.ts';
import { Applications, GroundWorld } from './ground.ts';
import { type Change, type Repair, search } from './repair.ts';
import { DEFAULT_LIMITS, EngineSolution, gaveUp } from './solve.ts';
import type { Fact, Limits, Solved, World } from './types.ts';

export type Opened =
  | { readonly ok: true; readonly whatIf: WhatIf }
  | { readonly ok: false; readonly message: string };

export class WhatIf {
  readonly #ground: GroundWorld;

  private constructor(ground: GroundWorld) {
    this.#ground = ground;
  }

  /**
   * @param targets the facts that will be asked about
   * @throws WorldError where the world means nothing
   */
  static open(world: World, targets: readonly Fact[], limits: Partial<Limits> = {}): Opened {
    const used = { ...DEFAULT_LIMITS, ...limits };
    try {
      return { ok: true, whatIf: new WhatIf(GroundWorld.of(world, targets, used)) };
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      return { ok: false, message: gaveUp(error.limit, used).message };
    }
  }

  /**
   * What follows from a world, and questions about that world with more facts: found together, which takes half the time.
   *
   * @param more facts that the world itself does not have
   * @param targets the facts that will be asked about
   * @throws WorldError where the world means nothing
   */
  static explore(
    world: World,
    more: readonly Fact[],
    targets: readonly Fact[],
    limits: Partial<Limits> = {},
  ): { readonly solved: Solved; readonly opened: Opened } {
    const used = { ...DEFAULT_LIMITS, ...limits };
    const applications = new Applications();
    let solved: Solved | undefined;
    try {
      const engine = new Engine(world, used, applications.note, more);
      solved = { ok: true, solution: new EngineSolution(world, engine) };
      engine.extend(more);
      const whatIf = new WhatIf(new GroundWorld(engine, applications, targets));
      return { solved, opened: { ok: true, whatIf } };
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      const failed = gaveUp(error.limit, used);
      return { solved: solved ?? failed, opened: { ok: false, message: failed.message } };
    }
  }

  /** Whether one of the facts follows without some of the world's own. */
  follows(facts: readonly Fact[], without: readonly Fact[]): boolean {
    return this.without(without)(facts);
  }

  /** Like `follows`, of many facts without the same ones. */
  without(facts: readonly Fact[]): (targets: readonly Fact[]) => boolean {
    const following = new Set(this.#ground.followingWithout(this.#ids(facts)));
    return (targets) => targets.some((fact) => following.has(this.#ground.idOf(fact)));
  }

  /** Like `repair`, of a world without some of its own facts. */
  repair(facts: readonly Fact[], changes: readonly Change[], without: readonly Fact[]): Repair {
    const targets = new Set(facts.map((fact) => this.#ground.idOf(fact)));
    return search(this.#ground, changes, { targets, without: this.#ids(without) });
  }

  #ids(facts: readonly Fact[]): Set<number> {
    return new Set(facts.map((fact) => this.#ground.idOf(fact)));
  }
}
