/**
 * Which rules can be applied at all. Most rules of a model are about what most worlds do not have; to know that is much cheaper than to
 * make the plans of joins for them.
 *
 * @module
 */
import type { Fact, HornRule, Literal } from './types.ts';

/** What a column may hold: these constants, or anything. */
type Column = Set<string> | 'any';

/** What is known of the facts with one predicate: of each column that rules compare with constants, what it may hold. */
type Shape = Map<number, Column>;

/** @returns for each rule whether its body may ever hold: `false` is certain, `true` is not */
export function liveRules(rules: readonly HornRule[], facts: Iterable<Fact>): boolean[] {
  const compared = comparedColumns(rules);
  const shapes = new Map<string, Shape>();
  for (const fact of facts) admit(shapes, compared, fact);
  const live = rules.map(() => false);
  let grew = true;
  const grow = (): void => {
    grew = true;
  };
  while (grew) {
    grew = false;
    for (const [number, { head, body }] of rules.entries()) {
      if (live[number] || !body.every((literal) => mayHold(shapes.get(literal[0]), literal))) continue;
      live[number] = true;
      admit(shapes, compared, head, grow);
    }
  }
  return live;
}

/** The columns of each predicate in which a body has a constant. */
function comparedColumns(rules: readonly HornRule[]): Map<string, Set<number>> {
  const compared = new Map<string, Set<number>>();
  for (const { body } of rules)
    for (const literal of body)
      for (let column = 1; column < literal.length; column++) {
        if (typeof literal[column] !== 'string') continue;
        const columns = compared.get(literal[0]);
        if (columns === undefined) compared.set(literal[0], new Set([column]));
        else columns.add(column);
      }
  return compared;
}

/** Adds a fact, or what a head may become; `grow` is told where something new can hold. */
function admit(
  shapes: Map<string, Shape>,
  compared: ReadonlyMap<string, ReadonlySet<number>>,
  literal: Literal,
  grow?: () => void,
): void {
  let shape = shapes.get(literal[0]);
  if (shape === undefined) {
    shape = new Map();
    shapes.set(literal[0], shape);
    grow?.();
  }
  for (const column of compared.get(literal[0]) ?? []) {
    const known = shape.get(column);
    const term = literal[column];
    if (known === 'any' || (typeof term === 'string' && known?.has(term))) continue;
    if (typeof term !== 'string') shape.set(column, 'any');
    else if (known === undefined) shape.set(column, new Set([term]));
    else known.add(term);
    grow?.();
  }
}

function mayHold(shape: Shape | undefined, literal: Literal): boolean {
  if (shape === undefined) return false;
  for (let column = 1; column < literal.length; column++) {
    const term = literal[column];
    if (typeof term !== 'string') continue;
    const known = shape.get(column);
    if (known === undefined || (known !== 'any' && !known.has(term))) return false;
  }
  return true;
}
