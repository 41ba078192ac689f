import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fact, listSteps, type ProofTree, premisesOf, solve, type World, WorldError } from './index.ts';
import { largeWorld } from './large.fixture.ts';
import { keyOf, naiveFixpoint } from './naive.fixture.ts';
import { anyWorld } from './worlds.fixture.ts';

const x = { var: 'x' };
const y = { var: 'y' };
const z = { var: 'z' };

function world(
  parts: Partial<Omit<World, 'rules'>> & { rules?: Pick<World['rules'][number], 'head' | 'body'>[] },
): World {
  const rules = (parts.rules ?? []).map((rule, at) => ({ id: `r${at}`, text: '', source: '', ...rule }));
  return { facts: [], bad: [], ...parts, rules };
}

function solved(of: World) {
  const result = solve(of);
  if (!result.ok) throw new Error(result.message);
  return result.solution;
}

/** The size of a proof, if every step is an instance of its rule and every leaf one of the world's facts. */
function checkedSteps(tree: ProofTree, of: World): number {
  if (tree.rule === undefined) {
    expect(of.facts).toContainEqual(tree.fact);
    return 0;
  }
  const values: Record<string, string> = {};
  const literals = [tree.rule.head, ...tree.rule.body];
  [tree, ...tree.from].forEach(({ fact }, at) => {
    expect(fact.length).toBe(literals[at]?.length);
    literals[at]?.forEach((term, column) => {
      if (typeof term === 'string') expect(fact[column]).toBe(term);
      else {
        values[term.var] ??= fact[column] as string;
        expect(fact[column]).toBe(values[term.var]);
      }
    });
  });
  expect(tree.from.length).toBe(tree.rule.body.length);
  return 1 + tree.from.reduce((sum, part) => sum + checkedSteps(part, of), 0);
}

describe('solve', () => {
  it('agrees with the reference on 10,000 random worlds, and its proofs are proofs and shortest', () => {
    fc.assert(
      fc.property(anyWorld, (of) => {
        const solution = solved(of);
        const expected = naiveFixpoint(of);
        const found = [...solution.facts()];
        expect(found.map(keyOf).sort()).toEqual([...expected.keys()].sort());
        expect(solution.size).toBe(expected.size);
        expect(solution.reached).toEqual(of.bad.filter((fact) => expected.has(keyOf(fact))));
        for (const fact of found) {
          const proof = solution.proof(fact) as ProofTree;
          expect(proof.steps).toBe(expected.get(keyOf(fact)));
        }
        const last = found.at(-1);
        if (last !== undefined) {
          const proof = solution.proof(last) as ProofTree;
          expect(checkedSteps(proof, of)).toBe(proof.steps);
        }
      }),
      { numRuns: 10_000, seed: 20_251 },
    );
  }, 120_000);

  it('takes the short way where there is a long one too', () => {
    const solution = solved(
      world({
        facts: [
          ['a', '1'],
          ['b', '1'],
        ],
        rules: [
          { head: ['c', x], body: [['a', x]] },
          { head: ['d', x], body: [['c', x]] },
          { head: ['goal', x], body: [['d', x]] },
          {
            head: ['goal', x],
            body: [
              ['b', x],
              ['c', x],
            ],
          },
        ],
      }),
    );
    const proof = solution.proof(['goal', '1']) as ProofTree;
    expect(proof.rule?.id).toBe('r3');
    expect(listSteps(proof).map(({ number, fact, from }) => [number, fact.join(' '), from])).toEqual([
      [1, 'b 1', []],
      [2, 'a 1', []],
      [3, 'c 1', [2]],
      [4, 'goal 1', [1, 3]],
    ]);
    expect(premisesOf(proof)).toEqual([
      ['b', '1'],
      ['a', '1'],
    ]);
  });

  it('prefers the rule written first among equals, whatever order the facts come in', () => {
    const rules = [
      { head: ['goal'], body: [['a', x]] },
      { head: ['goal'], body: [['b', x]] },
    ] as const;
    for (const facts of [
      [
        ['a', '1'],
        ['b', '1'],
      ],
      [
        ['b', '1'],
        ['a', '1'],
      ],
    ] as Fact[][]) {
      const proof = solved(
        world({ facts, rules: rules.map((rule) => ({ head: [...rule.head], body: rule.body })) }),
      ).proof(['goal']);
      expect(proof?.rule?.id).toBe('r0');
    }
  });

  it('keeps names apart that look like other things', () => {
    const names = ['__proto__', 'constructor', '', '-1', 'a b', '\0'];
    const solution = solved(
      world({
        facts: names.map((name): Fact => ['p', name]),
        rules: [{ head: ['toString', x], body: [['p', x]] }],
      }),
    );
    for (const name of names) expect(solution.has(['toString', name])).toBe(true);
    expect(solution.has(['toString', 'toString'])).toBe(false);
    expect(solution.factsOf('toString')).toHaveLength(names.length);
    expect(solution.factsOf('hasOwnProperty')).toEqual([]);
  });

  it('proves what lies 20,000 steps deep, and what has exponentially many steps', () => {
    const chain = Array.from({ length: 20_000 }, (_, at): Fact => ['next', String(at), String(at + 1)]);
    const deep = solved(
      world({
        facts: [['at', '0'], ...chain],
        rules: [
          {
            head: ['at', y],
            body: [
              ['at', x],
              ['next', x, y],
            ],
          },
        ],
      }),
    );
    expect(deep.proof(['at', '20000'])?.steps).toBe(20_000);
    expect(listSteps(deep.proof(['at', '20000']) as ProofTree)).toHaveLength(40_001);
    const doubling = solved(
      world({
        facts: [['at', '0'], ...chain.slice(0, 2_000)],
        rules: [
          {
            head: ['at', y],
            body: [
              ['at', x],
              ['at', x],
              ['next', x, y],
            ],
          },
        ],
      }),
    );
    expect(doubling.proof(['at', '10'])?.steps).toBe(1023);
    expect(doubling.has(['at', '2000'])).toBe(true);
    expect(listSteps(doubling.proof(['at', '2000']) as ProofTree)).toHaveLength(4_001);
  });

  it('gives up at its limits and then says nothing', () => {
    const product = world({
      facts: Array.from({ length: 300 }, (_, at): Fact => ['p', String(at)]),
      rules: [
        {
          head: ['q', x, y, z],
          body: [
            ['p', x],
            ['p', y],
            ['p', z],
          ],
        },
      ],
    });
    expect(solve(product, { facts: 10_000 })).toEqual({
      ok: false,
      limit: 'facts',
      message: 'more than 10,000 facts: nothing is known of this world',
    });
    expect(solve(product, { joins: 10_000 })).toMatchObject({ ok: false, limit: 'joins' });
  });

  it('refuses worlds that mean nothing', () => {
    const rules = [{ head: ['p', x], body: [['q', x]] }] as const;
    const one = world({ rules: [{ head: [...rules[0].head], body: rules[0].body }] });
    expect(() => solve({ ...one, facts: [['q', '1', '2']] })).toThrow(
      /q with 2 arguments, elsewhere it has 1/,
    );
    expect(() => solve({ ...one, bad: [['p']] })).toThrow(WorldError);
    expect(() => solve({ ...one, rules: [...one.rules, ...one.rules] })).toThrow(/two rules have the id r0/);
    expect(() => solve(world({ rules: [{ head: ['p', y], body: [['q', x]] }] }))).toThrow(
      /rule r0 concludes about y, of which its body says nothing/,
    );
  });

  it('derives 50,000 facts in a time that a person does not notice', () => {
    const large = largeWorld(50_000);
    const start = performance.now();
    const solution = solved(large);
    const time = performance.now() - start;
    expect(solution.size).toBeGreaterThan(50_000);
    expect(solution.reached).toEqual(large.bad);
    // The goal of 200 ms is the bench's to state; a test only notices another order of growth.
    expect(time).toBeLessThan(5_000);
  });
});
