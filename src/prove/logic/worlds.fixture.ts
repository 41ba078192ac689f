/**
 * Random worlds, small enough for the reference and odd enough to matter: recursion, repeated variables, constants in rules, empty
 * bodies, predicates without arguments.
 *
 * @module
 */
import fc from 'fast-check';
import type { Fact, HornRule, Literal, Term, World } from './types.ts';

/** Predicates and their numbers of arguments. */
export const PREDICATES = { p: 1, q: 2, r: 2, s: 0, t: 3 } as const;
const NAMES = Object.keys(PREDICATES) as (keyof typeof PREDICATES)[];
export const CONSTANTS = ['a', 'b', 'c'];

const predicate = fc.constantFrom(...NAMES);

function filled<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<[string, ...Value[]]> {
  return predicate.chain((name) =>
    fc
      .array(value, { minLength: PREDICATES[name], maxLength: PREDICATES[name] })
      .map((args): [string, ...Value[]] => [name, ...args]),
  );
}

const constant = fc.constantFrom(...CONSTANTS);
const fact: fc.Arbitrary<Fact> = filled(constant);
const term: fc.Arbitrary<Term> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('x', 'y', 'z').map((name) => ({ var: name })) },
  { weight: 1, arbitrary: constant },
);
const literal: fc.Arbitrary<Literal> = filled(term);

const rule = fc
  .tuple(literal, fc.array(literal, { maxLength: 3 }))
  .map(([head, body]): Pick<HornRule, 'head' | 'body'> => {
    const known = body.flatMap((part) => part.slice(1)).filter((part) => typeof part !== 'string');
    // A head may use the body's variables only: others become one of them, or a constant.
    const args = (head.slice(1) as Term[]).map((part): Term => {
      if (typeof part === 'string' || known.some((other) => other.var === part.var)) return part;
      return known[0] ?? 'a';
    });
    return { head: [head[0], ...args], body };
  });

export const anyWorld: fc.Arbitrary<World> = fc.record({
  facts: fc.array(fact, { maxLength: 8 }),
  rules: fc
    .array(rule, { maxLength: 5 })
    .map((rules) => rules.map((made, at) => ({ ...made, id: `r${at}`, text: '', source: '' }))),
  bad: fc.array(fact, { maxLength: 2 }),
});
