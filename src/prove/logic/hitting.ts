/**
 * The cheapest choice that has a member of every one of some sets, by branch and bound.
 *
 * @module
 */

export interface Choice {
  /** Numbers of the members, ascending. */
  readonly chosen: readonly number[];
  /** Whether there is certainly no cheaper one. */
  readonly isMinimal: boolean;
}

/**
 * @param sets none of them empty
 * @param costs of the members, all above zero
 * @param budget branches to look at before the best so far is taken; it is counted down
 */
export function cheapestHitting(
  sets: readonly (readonly number[])[],
  costs: readonly number[],
  budget: { left: number },
): Choice {
  const costOf = (member: number): number => costs[member] as number;
  const sorted = sets.map((set) => [...set].sort((one, other) => costOf(one) - costOf(other) || one - other));
  let best = greedy(sorted, costs);
  let bestCost = best.reduce((sum, member) => sum + costOf(member), 0);
  let isMinimal = true;

  const search = (chosen: readonly number[], cost: number, excluded: ReadonlySet<number>): void => {
    if (budget.left-- <= 0) {
      isMinimal = false;
      return;
    }
    const open = sorted.filter((set) => !set.some((member) => chosen.includes(member)));
    if (open.length === 0) {
      best = [...chosen];
      bestCost = cost;
      return;
    }
    const narrowed = open.map((set) => set.filter((member) => !excluded.has(member)));
    if (cost + leastBeyond(narrowed, costs) >= bestCost) return;
    const branching = narrowed.reduce((one, other) => (other.length < one.length ? other : one));
    const tried = new Set(excluded);
    for (const member of branching) {
      if (cost + costOf(member) < bestCost) search([...chosen, member], cost + costOf(member), tried);
      tried.add(member);
    }
  };
  search([], 0, new Set());
  return { chosen: best.sort((one, other) => one - other), isMinimal };
}

/** What sets without a common member cost at least; infinite where one is empty. */
function leastBeyond(sets: readonly (readonly number[])[], costs: readonly number[]): number {
  const seen = new Set<number>();
  let least = 0;
  for (const set of sets) {
    if (set.length === 0) return Number.POSITIVE_INFINITY;
    if (set.some((member) => seen.has(member))) continue;
    for (const member of set) seen.add(member);
    least += costs[set[0] as number] as number;
  }
  return least;
}

/** Takes what hits most sets for its cost, again and again. */
function greedy(sets: readonly (readonly number[])[], costs: readonly number[]): number[] {
  const chosen: number[] = [];
  for (let open = sets; open.length > 0; ) {
    const hits = new Map<number, number>();
    for (const member of open.flat()) hits.set(member, (hits.get(member) ?? 0) + 1);
    const worth = ([member, count]: [number, number]): number => count / (costs[member] as number);
    const [taken] = [...hits].reduce((one, other) => (worth(other) > worth(one) ? other : one));
    chosen.push(taken);
    open = open.filter((set) => !set.includes(taken));
  }
  return chosen;
}
