import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { solve, type World } from './index.ts';
import { anyWorld } from './worlds.fixture.ts';
import { type Claim, openZ3 } from './z3.fixture.ts';

const WORLDS = 10_000;
const AT_ONCE = 50;

const opened = await openZ3();
const reason = typeof opened === 'string' ? opened : undefined;
if (reason !== undefined) process.stderr.write(`skipped: a third opinion on fixpoints: ${reason}\n`);

function claim(world: World): Claim {
  const solved = solve(world);
  if (!solved.ok) throw new Error(solved.message);
  return { world, facts: [...solved.solution.facts()] };
}

describe.skipIf(reason !== undefined)('z3’s fixpoint', () => {
  if (typeof opened === 'string') return;
  afterAll(() => opened[Symbol.dispose]());

  it('notices one fact more and one fact less', async () => {
    const [world] = fc.sample(
      anyWorld.filter(({ facts, rules }) => facts.length > 3 && rules.length > 2),
      { numRuns: 1, seed: 8 },
    );
    const right = claim(world as World);
    expect(await opened.agrees([right])).toBe(true);
    for (const left of right.facts) {
      const facts = right.facts.filter((fact) => fact !== left);
      expect(await opened.agrees([{ ...right, facts }])).toBe(false);
    }
    const missing = ['a', 'b', 'c']
      .map((name) => ['t', name, name, name] as const)
      .find((fact) => !right.facts.some((other) => other.join() === fact.join()));
    expect(missing).toBeDefined();
    if (missing) expect(await opened.agrees([{ ...right, facts: [...right.facts, missing] }])).toBe(false);
  }, 60_000);

  it('agrees with ours on 10,000 random worlds', async () => {
    const worlds = fc.sample(anyWorld, { numRuns: WORLDS, seed: 20_251 });
    for (let at = 0; at < WORLDS; at += AT_ONCE) {
      const claims = worlds.slice(at, at + AT_ONCE).map(claim);
      if (await opened.agrees(claims)) continue;
      for (const each of claims) expect([await opened.agrees([each]), each]).toEqual([true, each]);
      throw new Error(
        `z3 says otherwise of worlds ${at} to ${at + AT_ONCE} together, and of none of them alone`,
      );
    }
  }, 600_000);
});
