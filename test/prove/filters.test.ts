/**
 * Every filter that a plan can load is proved to be its policy, by z3, for all inputs.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { filterSources } from '../../scripts/sources.ts';
import { loadableFilters, namedFilters } from '../../src/cell/filters/index.ts';
import { openFilters } from '../../src/cell/seccomp/index.ts';
import { filterKey, proveFilter, VERIFIER } from '../../src/prove/artefacts/filter/index.ts';
import { openSolver } from '../../src/prove/artefacts/solver/index.ts';
import type { ShippedProofs } from '../../src/prove/artefacts/store/index.ts';

const solver = openSolver();
afterAll(() => solver[Symbol.asyncDispose]());

const filters = [...loadableFilters('x86_64'), ...loadableFilters('aarch64')];

it('there are filters for cells of both kinds and for helpers', () => {
  const kinds = new Set(filters.map(({ name }) => name.split(/[ ,]/)[0]));
  expect(kinds).toEqual(new Set(['cell', 'reduced', 'helper']));
  expect(filters.length).toBeGreaterThanOrEqual(40);
});

it.each(filters)('proved: $name', async ({ program, specification }) => {
  expect(await proveFilter(program, specification, solver)).toEqual({ verdict: 'proved' });
});

it('the installation’s list holds these and no others', ({ skip }) => {
  const path = join(import.meta.dirname, '../../dist/proofs.json');
  if (!existsSync(path)) skip('dist/proofs.json is not built');
  const shipped = JSON.parse(readFileSync(path, 'utf8')) as ShippedProofs;
  if (shipped.verifier !== VERIFIER) skip('dist/ is of another state of the source');
  const all = new Set(filters.map(({ program, specification }) => filterKey(program, specification)));
  expect(Object.keys(shipped.proofs).filter((key) => !all.has(key))).toEqual([]);
  expect(Object.keys(shipped.proofs).length).toBeGreaterThanOrEqual(20);
});

it('what a start takes from the installation is what would be compiled', ({ skip }) => {
  const root = join(import.meta.dirname, '../..');
  const open = openFilters(join(root, 'dist/filters'), filterSources(root));
  const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const named = namedFilters(architecture);
  if (named.every(({ key }) => open(key) === undefined)) skip('dist/ is of another state of the source');
  for (const { key, text } of named) expect(open(key), key).toMatchObject(text);
});
