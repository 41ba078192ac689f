/**
 * Many questions about one world: what still follows when some of its own facts are thought away, and which changes break what follows.
 * The world is grounded once, so that each question is linear.
 *
 * @module
 */
import { LimitReached } from './engine.ts';
import { GroundWorld } from './ground.ts';
import { type Change, type Repair, search } from './repair.ts';
import { DEFAULT_LIMITS, gaveUp } from './solve.ts';
import type { Fact, Limits, World } from './types.ts';

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
      return { ok: true, whatIf: new WhatIf(new GroundWorld(world, targets, used)) };
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      return { ok: false, message: gaveUp(error.limit, used).message };
    }
  }

  /** Whether one of the facts follows without some of the world's own. */
  follows(facts: readonly Fact[], without: readonly Fact[]): boolean {
    const following = new Set(this.#ground.followingWithout(this.#ids(without)));
    return facts.some((fact) => following.has(this.#ground.idOf(fact)));
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
