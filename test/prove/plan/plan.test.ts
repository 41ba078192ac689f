/**
 * The compiler's plans are proved, for contracts of all kinds; plans that give more are refuted, with the promise that they break.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/contract/index.ts';
import { breachText, PROMISES, proveCellPlan } from '../../../src/prove/artefacts/plan/index.ts';
import { contracts, makeBench, makeCase } from './cases.ts';
import { MUTANTS } from './mutants.ts';

const bench = makeBench();
afterAll(() => bench.remove());

const said = (plan: Plan, facts: Parameters<typeof proveCellPlan>[1]) => {
  const verdict = proveCellPlan(plan, facts);
  return verdict.verdict === 'proved' ? [] : verdict.breaches.map((breach) => breachText(breach, plan));
};

it('proves what the compiler makes of any contract', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(contracts, (lines) => {
      const { plan, facts } = makeCase(bench, lines);
      expect(said(plan, facts)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

const FULL = [
  'files: { write: ["src/**"], hide: [.env, "**/*.pem"], read: [~/.gitconfig] }',
  'programs: [sh, cat]',
  'network: [{ host: 192.0.2.1, port: 5432, protocol: postgres }]',
  'compute: { cpus: 1 }',
].join('\n');
const OPEN = 'compute: { cpus: 1 }';

describe('a plan that gives more is refuted', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s', (_, mutant) => {
    const made = [FULL, OPEN].flatMap((lines) => {
      const { plan, facts } = makeCase(bench, lines);
      const changed = mutant.make(plan, facts, bench);
      return changed ? [{ changed, facts }] : [];
    });
    expect(made.length).toBeGreaterThan(0);
    for (const { changed, facts } of made) {
      const verdict = proveCellPlan(changed, facts);
      expect(verdict.verdict).toBe('refuted');
      const promises = verdict.verdict === 'refuted' ? verdict.breaches.map(({ promise }) => promise) : [];
      expect(promises).toContain(mutant.breaks);
      expect(said(changed, facts).join('\n')).toContain(PROMISES[mutant.breaks]);
    }
  });

  it('… whatever the contract', { timeout: 60_000 }, () => {
    let made = 0;
    fc.assert(
      fc.property(contracts, fc.constantFrom(...MUTANTS), (lines, mutant) => {
        const { plan, facts } = makeCase(bench, lines);
        const changed = mutant.make(plan, facts, bench);
        // a mutant may be what this contract allows, or nothing that it can be made of
        if (changed === undefined || JSON.stringify(changed) === JSON.stringify(plan)) return;
        made += 1;
        expect(proveCellPlan(changed, facts).verdict, `${mutant.name}\n${lines}`).toBe('refuted');
      }),
      { numRuns: 200 },
    );
    expect(made).toBeGreaterThan(60);
  });
});

it('a contract that names Ringfence’s own folders is not one that can be kept', () => {
  const { plan, facts } = makeCase(bench, 'files: { read: [~/notes] }');
  const keys = join(bench.home, 'notes', 'keys');
  mkdirSync(keys, { recursive: true });
  expect(said(plan, { ...facts, own: [keys] })).toEqual([
    expect.stringMatching(/Ringfence’s own keys.*could be seen.*files\.read\[0\]/),
  ]);
});

it.each(['files: { read: [~/notes/keys/signing] }', 'files: { workspace: ~/notes/keys/signing }'])(
  '… nor one that names a part of them: %s',
  (lines) => {
    const part = join(bench.home, 'notes/keys/signing');
    mkdirSync(part, { recursive: true });
    const { plan, facts } = makeCase(bench, lines);
    expect(said(plan, { ...facts, own: [join(bench.home, 'notes/keys')] })).toEqual(
      expect.arrayContaining([expect.stringMatching(/Ringfence’s own keys.*could be seen/)]),
    );
  },
);

it('a name that is no UTF-8 is not taken for hidden', () => {
  const second = makeBench();
  try {
    const { plan, facts } = makeCase(second, 'files: { hide: ["**/*.pem"] }');
    writeFileSync(
      Buffer.concat([Buffer.from(`${second.project}/keys/cl`), Buffer.of(0xe9), Buffer.from('.pem')]),
      'x',
    );
    expect(said(plan, facts)).toEqual([expect.stringMatching(/files\.hide names cannot be seen.*not UTF-8/)]);
    expect(() => makeCase(second, 'files: { hide: ["**/*.pem"] }')).toThrow(/not UTF-8/);
  } finally {
    second.remove();
  }
});

it('a hidden name that is a link hides what it leads to', () => {
  const second = makeBench();
  writeFileSync(join(second.project, 'docs/passwords'), 'x');
  symlinkSync('docs/passwords', join(second.project, 'linked'));
  symlinkSync('docs', join(second.project, 'folder'));
  try {
    const { plan, facts } = makeCase(second, 'files: { hide: [linked] }');
    expect(said(plan, facts)).toEqual([]);
    const other = makeCase(second, 'files: { hide: [folder/passwords] }');
    expect(said(other.plan, other.facts)).toEqual([]);
    const without = plan.filter(
      ([name, path]) => name !== 'mask' || path !== join(second.project, 'docs/passwords'),
    );
    expect(said(without, facts)).toEqual([expect.stringContaining('linked could be read')]);
  } finally {
    second.remove();
  }
});
