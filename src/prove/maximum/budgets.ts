/**
 * Budgets of rules that share destinations: whether all that one set of rules may send fits into the budgets of another.
 *
 * @module
 */

/** A rule that uses up budgets: what it may use, and for each way of using it the rules that it can be charged to. */
export interface Use {
  readonly amount: number;
  readonly chargedTo: readonly (readonly number[])[];
}

export type Fit =
  | { readonly ok: true }
  /** Together the uses come to more than the budgets that have to cover them. */
  | {
      readonly ok: false;
      readonly uses: readonly number[];
      readonly budgets: readonly number[];
      readonly used: number;
      readonly room: number;
    }
  | { readonly ok: undefined };

const MOST_UNIONS = 4_096;

/**
 * Whatever way each use is used, it can be charged to budgets so that none is overdrawn (Hall's condition for fractional
 * assignments): of every set of budgets, those that can be charged to it alone do not come to more than it holds.
 */
export function fits(uses: readonly Use[], budgets: readonly number[]): Fit {
  const isBounded = (set: readonly number[]): boolean =>
    set.every((at) => Number.isFinite(budgets[at] as number));
  const sets = new Map<string, readonly number[]>();
  for (const { chargedTo } of uses)
    for (const set of chargedTo) if (isBounded(set)) sets.set(set.join(), set);
  // the sets that matter are unions of those that a use can be confined to
  const unions = new Map<string, readonly number[]>();
  for (const set of sets.values())
    for (const union of [[], ...unions.values()]) {
      const joined = [...new Set([...union, ...set])].sort((one, other) => one - other);
      unions.set(joined.join(), joined);
      if (unions.size > MOST_UNIONS) return { ok: undefined };
    }
  for (const union of unions.values()) {
    const confined = [...uses.entries()].filter(([, { chargedTo }]) =>
      chargedTo.some((set) => set.every((at) => union.includes(at))),
    );
    const used = confined.reduce((sum, [, { amount }]) => sum + amount, 0);
    const room = union.reduce((sum, at) => sum + (budgets[at] as number), 0);
    if (used > room) return { ok: false, uses: confined.map(([at]) => at), budgets: union, used, room };
  }
  return { ok: true };
}
