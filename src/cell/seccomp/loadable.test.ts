import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cellPolicy, filterName, filterText, openFilters, type PolicyOptions } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-filters-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS: PolicyOptions = { fileEvents: 'on', affinity: 'allow', fileTables: 'separate' };
const text = filterText(cellPolicy(OPTIONS), 'x86_64');

it('takes a filter that was made of the same sources, and no other', () => {
  const name = filterName('cell', 'x86_64', OPTIONS);
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ sources: 'a', ...text }));
  expect(openFilters(folder, 'a')(name)).toMatchObject(text);
  expect(openFilters(folder, 'b')(name)).toBeUndefined();
  expect(openFilters(folder, undefined)(name)).toBeUndefined();
  expect(openFilters(folder, 'a')('absent')).toBeUndefined();
  writeFileSync(join(folder, 'damaged.json'), '{"sources": "a"');
  expect(openFilters(folder, 'a')('damaged')).toBeUndefined();
});

it('gives every choice that shapes a filter a name of its own', () => {
  const choices: PolicyOptions[] = [
    OPTIONS,
    { ...OPTIONS, fileEvents: 'off' },
    { ...OPTIONS, affinity: 'deny' },
    { ...OPTIONS, fileTables: 'shared' },
    { ...OPTIONS, memoryFiles: 'sealed' },
    { ...OPTIONS, setIds: 'deny' },
    { ...OPTIONS, supervisor: 'kernel' },
  ];
  const names = choices.flatMap((options) => [
    filterName('cell', 'x86_64', options),
    filterName('reduced', 'x86_64', options),
    filterName('cell', 'aarch64', options),
  ]);
  expect(new Set(names).size).toBe(names.length);
});
