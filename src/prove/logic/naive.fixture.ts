/**
 * The reference: applies every rule to every fact until nothing changes, on strings, by the definition. Slow and for tests only.
 *
 * @module
 */
import type { Fact, Literal, World } from './types.ts';

export const keyOf = (fact: Fact): string => JSON.stringify(fact);

/** What follows, as JSON of each fact, with the fewest rule applications that prove it. */
export function naiveFixpoint(world: World): Map<string, number> {
  const costs = new Map(world.facts.map((fact) => [keyOf(fact), 0]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const rule of world.rules) {
      for (const { binding, cost } of bindings(rule.body, costs)) {
        const key = JSON.stringify(substitute(rule.head, binding));
        if ((costs.get(key) ?? Number.POSITIVE_INFINITY) <= cost + 1) continue;
        costs.set(key, cost + 1);
        changed = true;
      }
    }
  }
  return costs;
}

type Binding = Readonly<Record<string, string>>;

function substitute(literal: Literal, binding: Binding): (string | undefined)[] {
  return literal.map((term) => (typeof term === 'string' ? term : binding[term.var]));
}

function bindings(body: readonly Literal[], costs: ReadonlyMap<string, number>) {
  let found: { binding: Binding; cost: number }[] = [{ binding: {}, cost: 0 }];
  for (const literal of body) {
    found = found.flatMap(({ binding, cost }) =>
      [...costs].flatMap(([key, more]) => {
        const extended = match(literal, JSON.parse(key), binding);
        return extended === undefined ? [] : [{ binding: extended, cost: cost + more }];
      }),
    );
  }
  return found;
}

function match(literal: Literal, fact: readonly string[], binding: Binding): Binding | undefined {
  if (literal.length !== fact.length) return undefined;
  const extended: Record<string, string> = { ...binding };
  for (const [at, term] of literal.entries()) {
    const value = fact[at] as string;
    if (typeof term === 'string') {
      if (term !== value) return undefined;
    } else {
      extended[term.var] ??= value;
      if (extended[term.var] !== value) return undefined;
    }
  }
  return extended;
}
