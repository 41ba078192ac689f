/**
 * What to take away so that something does not follow.
 *
 * @module
 */
import { LimitReached } from './engine.ts';
import { GroundWorld } from './ground.ts';
import { cheapestHitting } from './hitting.ts';
import { DEFAULT_LIMITS, gaveUp } from './solve.ts';
import { type Fact, type Limits, type World, WorldError } from './types.ts';

/** Something that can be changed, such as a line of a contract: the world's own facts that are not there without it. */
export interface Change {
  readonly label: string;
  /** Above zero. What it costs whoever has to do without. */
  readonly cost: number;
  readonly removes: readonly Fact[];
  /** What it is a change of: a path of the contract. */
  readonly clause?: string;
}

export type Repair =
  | {
      readonly ok: true;
      /** In the order they were given; empty where nothing bad follows anyway. */
      readonly changes: readonly Change[];
      readonly cost: number;
      /** Whether there is certainly none that costs less. */
      readonly minimal: boolean;
    }
  /** No change helps: one of the facts follows from what none of the changes removes. */
  | { readonly ok: false; readonly why: 'unavoidable'; readonly from: readonly Fact[] }
  | { readonly ok: false; readonly why: 'limit'; readonly message: string };

const MOST_ROUNDS = 1_000;
const MOST_BRANCHES = 50_000;

/**
 * The cheapest changes after which none of the facts follows.
 *
 * Proofs that are still there are collected, and the cheapest changes that break all of them are tried, until nothing is left to break
 * (an implicit hitting set; Reiter, Artificial Intelligence 32(1), 1987). Exact unless `minimal` says otherwise, which takes hundreds
 * of changes that can replace each other.
 *
 * @throws WorldError where the world means nothing, or a cost is not above zero
 */
export function repair(
  world: World,
  facts: readonly Fact[],
  changes: readonly Change[],
  limits: Partial<Limits> = {},
): Repair {
  for (const { label, cost } of changes)
    if (!(cost > 0 && Number.isFinite(cost)))
      throw new WorldError(`the change ${label} costs ${cost}`, 'Give it a cost above zero.');
  const used = { ...DEFAULT_LIMITS, ...limits };
  try {
    return search(GroundWorld.of(world, facts, used), changes, { targets: undefined, without: new Set() });
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return { ok: false, why: 'limit', message: gaveUp(error.limit, used).message };
  }
}

interface About {
  /** Numbers of the targets to break; all of the world's where there are none. */
  readonly targets: ReadonlySet<number> | undefined;
  /** Numbers of own facts that are not there anyway. */
  readonly without: ReadonlySet<number>;
}

/** The search of {@link repair} in a world that is grounded already. */
export function search(world: GroundWorld, changes: readonly Change[], { targets, without }: About): Repair {
  const removes = changes.map((change) =>
    change.removes.map((fact) => world.idOf(fact)).filter((id) => id >= 0),
  );
  const removing = new Map<number, number[]>();
  for (const [at, ids] of removes.entries())
    for (const id of ids) removing.set(id, [...(removing.get(id) ?? []), at]);
  const costs = changes.map(({ cost }) => cost);
  const budget = { left: MOST_BRANCHES };
  const conflicts: number[][] = [];
  let choice: { chosen: readonly number[]; isMinimal: boolean } = { chosen: [], isMinimal: true };
  let isMinimal = true;
  for (let round = 0; ; round++) {
    const proofs = world.premisesWithout(
      new Set([...without, ...choice.chosen.flatMap((at) => removes[at] as number[])]),
      targets,
    );
    if (proofs.length === 0) break;
    for (const premises of proofs) {
      const conflict = [...new Set(premises.flatMap((id) => removing.get(id) ?? []))];
      if (conflict.length === 0)
        return { ok: false, why: 'unavoidable', from: premises.map((id) => world.factOf(id)) };
      conflicts.push(conflict);
    }
    if (round < MOST_ROUNDS) {
      choice = cheapestHitting(conflicts, costs, budget);
      isMinimal &&= choice.isMinimal;
    } else {
      // Each further round makes at least one more change, so this ends.
      isMinimal = false;
      const [cheapest] = (conflicts.at(-1) as number[]).toSorted(
        (one, other) => (costs[one] ?? 0) - (costs[other] ?? 0),
      );
      choice = { chosen: [...choice.chosen, cheapest as number], isMinimal };
    }
  }
  const chosen = [...choice.chosen].sort((one, other) => one - other).map((at) => changes[at] as Change);
  return {
    ok: true,
    changes: chosen,
    cost: chosen.reduce((sum, { cost }) => sum + cost, 0),
    minimal: isMinimal,
  };
}
