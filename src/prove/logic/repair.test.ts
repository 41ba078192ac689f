import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, type Fact, repair, solve, type World } from './index.ts';
import { anyWorld } from './worlds.fixture.ts';

const x = { var: 'x' };
const y = { var: 'y' };

const WORLD: World = {
  facts: [
    ['writes', 'hook'],
    ['writes', 'rc'],
    ['runs', 'hook'],
    ['runs', 'rc'],
    ['network', 'outside'],
    ['secret', 'key'],
  ],
  rules: [
    {
      id: 'control',
      head: ['control'],
      body: [
        ['writes', x],
        ['runs', x],
      ],
      text: '',
      source: '',
    },
    {
      id: 'leak',
      head: ['leak', x, y],
      body: [['control'], ['secret', x], ['network', y]],
      text: '',
      source: '',
    },
  ],
  bad: [],
};

const change = (label: string, cost: number, ...removes: Fact[]): Change => ({ label, cost, removes });

function labels(found: ReturnType<typeof repair>): string[] {
  if (!found.ok) throw new Error(found.why);
  return found.changes.map(({ label }) => label);
}

function follows(world: World, facts: readonly Fact[], removed: readonly Change[]): boolean {
  const gone = new Set(removed.flatMap(({ removes }) => removes.map((fact) => JSON.stringify(fact))));
  const solved = solve({ ...world, facts: world.facts.filter((fact) => !gone.has(JSON.stringify(fact))) });
  if (!solved.ok) throw new Error(solved.message);
  return facts.some((fact) => solved.solution.has(fact));
}

describe('repair', () => {
  const hook = change('no hooks', 1, ['writes', 'hook']);
  const rc = change('no rc files', 1, ['writes', 'rc']);
  const network = change('no network', 3, ['network', 'outside']);

  it('takes the cheapest changes that break every proof', () => {
    const leak: Fact[] = [['leak', 'key', 'outside']];
    expect(labels(repair(WORLD, leak, [network, hook, rc]))).toEqual(['no hooks', 'no rc files']);
    expect(labels(repair(WORLD, leak, [{ ...network, cost: 1.5 }, hook, rc]))).toEqual(['no network']);
    expect(labels(repair(WORLD, [...leak, ['control']], [{ ...network, cost: 1 }, hook, rc]))).toEqual([
      'no hooks',
      'no rc files',
    ]);
    expect(
      repair(WORLD, leak, [change('no writing', 1, ['writes', 'hook'], ['writes', 'rc']), network]),
    ).toMatchObject({
      ok: true,
      cost: 1,
      minimal: true,
    });
  });

  it('changes nothing where nothing bad follows', () => {
    expect(repair(WORLD, [['leak', 'other', 'outside']], [hook])).toEqual({
      ok: true,
      changes: [],
      cost: 0,
      minimal: true,
    });
  });

  it('says from what it follows where no change helps', () => {
    expect(repair(WORLD, [['control']], [hook, network])).toEqual({
      ok: false,
      why: 'unavoidable',
      from: [
        ['writes', 'rc'],
        ['runs', 'rc'],
      ],
    });
  });

  it('gives up at the limits, and refuses costs that mean nothing', () => {
    expect(repair(WORLD, [['control']], [hook], { facts: 3 })).toMatchObject({ ok: false, why: 'limit' });
    for (const cost of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => repair(WORLD, [['control']], [{ ...hook, cost }])).toThrow(/costs/);
  });

  it('is as cheap as the cheapest of all choices, on random worlds', () => {
    let repaired = 0;
    fc.assert(
      fc.property(
        anyWorld,
        fc.array(
          fc.record({ cost: fc.integer({ min: 1, max: 4 }), picks: fc.array(fc.nat(7), { maxLength: 3 }) }),
          { maxLength: 6 },
        ),
        (world, made) => {
          const changes = made.map(({ cost, picks }, at) =>
            change(`c${at}`, cost, ...picks.flatMap((pick) => world.facts.slice(pick, pick + 1))),
          );
          const facts: Fact[] = [...world.bad, ...world.facts.slice(0, 1)];
          const found = repair(world, facts, changes);
          const subsets = Array.from({ length: 2 ** changes.length }, (_, bits) =>
            changes.filter((_change, at) => bits & (1 << at)),
          );
          const costs = subsets
            .filter((subset) => !follows(world, facts, subset))
            .map((subset) => subset.reduce((sum, { cost }) => sum + cost, 0));
          if (costs.length === 0) {
            expect(found).toMatchObject({ ok: false, why: 'unavoidable' });
            return;
          }
          repaired += 1;
          if (!found.ok) throw new Error(found.why);
          expect(found).toMatchObject({ cost: Math.min(...costs), minimal: true });
          expect(follows(world, facts, found.changes)).toBe(false);
        },
      ),
      { numRuns: 1_500, seed: 3 },
    );
    expect(repaired).toBeGreaterThan(200);
  }, 60_000);

  it('ends where there are many choices, and says when it cannot be sure', () => {
    // pairs out of 60 changes, each of which has to go or its partner: as many choices as 2 ^ 30, the cheapest one obvious
    const pairs = Array.from({ length: 30 }, (_, at) => [`left${at}`, `right${at}`] as const);
    const world: World = {
      facts: pairs.flatMap(([left, right], at): Fact[] => [
        ['has', left],
        ['has', right],
        ['pair', left, right, String(at)],
      ]),
      rules: [
        {
          id: 'r',
          head: ['bad'],
          body: [
            ['pair', x, y, { var: 'n' }],
            ['has', x],
            ['has', y],
          ],
          text: '',
          source: '',
        },
      ],
      bad: [],
    };
    const changes = pairs.flat().map((name, at) => change(name, at % 2 ? 1 : 2, ['has', name]));
    expect(repair(world, [['bad']], changes)).toMatchObject({ ok: true, cost: 30, minimal: true });
    // Every pair of 40 changes conflicts: all but one have to go.
    const names = Array.from({ length: 40 }, (_, at) => `n${at}`);
    const dense: World = {
      facts: names.flatMap((name, at): Fact[] => [
        ['has', name],
        ...names.slice(at + 1).map((other): Fact => ['pair', name, other, '']),
      ]),
      rules: world.rules,
      bad: [],
    };
    const found = repair(
      dense,
      [['bad']],
      names.map((name, at) => change(name, 1 + (at % 7) / 10, ['has', name])),
    );
    expect(found.ok && follows(dense, [['bad']], found.changes)).toBe(false);
    expect(found.ok && found.changes.length).toBeGreaterThanOrEqual(39);
  }, 30_000);
});
