import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Fact, repair, solve, WhatIf } from './index.ts';
import { anyWorld } from './worlds.fixture.ts';

const key = (fact: Fact) => JSON.stringify(fact);

it('what is thought away is as if it had never been there', () => {
  let differences = 0;
  fc.assert(
    fc.property(anyWorld, fc.infiniteStream(fc.boolean()), (world, flips) => {
      const solved = solve(world);
      if (!solved.ok) throw new Error(solved.message);
      const targets = [...solved.solution.facts()];
      const opened = WhatIf.open(world, targets);
      if (!opened.ok) throw new Error(opened.message);
      const without = world.facts.filter(() => flips.next().value);
      const gone = new Set(without.map(key));
      const rest = solve({ ...world, facts: world.facts.filter((fact) => !gone.has(key(fact))) });
      if (!rest.ok) throw new Error(rest.message);
      for (const fact of targets) {
        expect(opened.whatIf.follows([fact], without)).toBe(rest.solution.has(fact));
        if (!rest.solution.has(fact)) differences++;
      }
    }),
    { numRuns: 500, seed: 12 },
  );
  expect(differences).toBeGreaterThan(100);
});

it('repairs are those of a world that never had what is thought away', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const solved = solve(world);
      const target = solved.ok ? [...solved.solution.facts()].at(-1) : undefined;
      if (target === undefined) return;
      const [first, ...others] = world.facts;
      const changes = others.map((fact, at) => ({ label: key(fact), cost: at + 1, removes: [fact] }));
      const opened = WhatIf.open(world, [target]);
      if (!opened.ok) throw new Error(opened.message);
      const without = first === undefined ? [] : [first];
      const expected = repair(
        { ...world, facts: others.filter((fact) => first === undefined || key(fact) !== key(first)) },
        [target],
        changes,
      );
      const found = opened.whatIf.repair([target], changes, without);
      expect([found.ok, found.ok && found.cost]).toEqual([expected.ok, expected.ok && expected.cost]);
    }),
    { numRuns: 300, seed: 13 },
  );
});

it('what follows with and without more facts is found in one go, as by two searches', () => {
  let differences = 0;
  fc.assert(
    fc.property(anyWorld, fc.infiniteStream(fc.boolean()), (whole, flips) => {
      const each = [...new Map(whole.facts.map((fact) => [key(fact), fact])).values()];
      const [more, facts] = [[], []] as [Fact[], Fact[]];
      for (const fact of each) (flips.next().value ? more : facts).push(fact);
      const world = { ...whole, facts };
      const [alone, together] = [solve(world), solve(whole)];
      if (!alone.ok || !together.ok) throw new Error('too large');
      const targets = [...together.solution.facts()];
      const { solved, opened } = WhatIf.explore(world, more, targets);
      if (!solved.ok || !opened.ok) throw new Error('too large');
      const { solution } = solved;
      expect([...solution.facts()].map(key)).toEqual([...alone.solution.facts()].map(key));
      for (const fact of targets) {
        expect(solution.proof(fact)).toEqual(alone.solution.proof(fact));
        expect(solution.factsOf(fact[0])).toEqual(alone.solution.factsOf(fact[0]));
        expect(opened.whatIf.follows([fact], [])).toBe(true);
        expect(opened.whatIf.follows([fact], more)).toBe(alone.solution.has(fact));
        if (!alone.solution.has(fact)) differences++;
      }
    }),
    { numRuns: 500, seed: 14 },
  );
  expect(differences).toBeGreaterThan(100);
});
