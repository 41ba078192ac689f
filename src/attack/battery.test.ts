import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { planOf, readJournal } from './battery.ts';
import type { Job } from './job.ts';
import type { Scenario } from './load.ts';
import { fillWith } from './places.ts';
import { choose, derive } from './seed.ts';
import { enter } from './stage.ts';
import { findTargets, type Target, wordsOf } from './targets/index.ts';
import { wayOf } from './trial.ts';

const scenarios = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ id }) as Scenario);
const targets = [{ name: 'none' }, { name: 'ringfence' }] as Target[];
const order = (seeds: number[]) =>
  planOf({ scenarios, targets, seeds }).map(
    ({ scenario, target, seed }) => `${seed} ${scenario.id} ${target.name}`,
  );

it('the order is that of the seed: the same again, another for another', () => {
  expect(order([1])).toEqual(order([1]));
  expect(order([1]).map((line) => line.slice(2))).not.toEqual(order([2]).map((line) => line.slice(2)));
  expect([...order([1])].sort()).toEqual([...order([1])].sort());
  expect(order([1, 2])).toEqual([...order([1]), ...order([2])]);
});

it('what a seed chooses follows from it alone', () => {
  expect(choose(['x', 'y', 'z'], 'TOOL', 'a', 7)).toBe(choose(['x', 'y', 'z'], 'TOOL', 'a', 7));
  const all = new Set(Array.from({ length: 40 }, (_, seed) => choose(['x', 'y', 'z'], 'TOOL', 'a', seed)));
  expect([...all].sort()).toEqual(['x', 'y', 'z']);
  expect(derive('a', 1)).not.toBe(derive('a', 2));
});

it('seeds in a row try every way of a scenario', () => {
  const payload = { x: 'echo x', y: 'echo y', z: 'echo z' };
  expect([7, 8, 9].map((seed) => wayOf({ id: 'a', payload }, seed)).sort()).toEqual(['x', 'y', 'z']);
  expect(wayOf({ id: 'a', payload: 'echo' }, 7)).toBeUndefined();
});

it('a journal is read but for a last line that was cut off', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-journal-'));
  try {
    const journal = join(folder, 'x.jsonl');
    expect(readJournal(journal)).toEqual([]);
    writeFileSync(journal, '{"scenario":"a","target":"none","seed":1}\n{"scenario":"b","tar');
    expect(readJournal(journal)).toEqual([{ scenario: 'a', target: 'none', seed: 1 }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.each(['10.0.0.1', '8.8.8.8', '169.254.169.254', '198.51.100.7.example', '::1', '2001:4860::1'])(
  'nothing is tried against %s',
  async (address) => {
    const job = { addresses: { x: address }, places: { root: '/nonexistent' } } as unknown as Job;
    await expect(enter({ launcher: '/nonexistent', inside: [] }, job)).rejects.toMatchObject({
      code: 'foreign-address',
    });
  },
);

it('variables that are known are put in, and no others', () => {
  const braced = ['$', '{WORK}/x'].join('');
  const fill = fillWith({ CANARY: 'c1', WORK: '/w' });
  expect(fill(`$CANARY ${braced} $1 $OTHER $CANARY2`)).toBe('c1 /w/x $1 $OTHER $CANARY2');
});

it('a template is cut into words as a shell would, and must end with the script', () => {
  expect(wordsOf(`firejail --private={workspace} 'a b' "c d" sh -c {script}`)).toEqual([
    'firejail',
    '--private={workspace}',
    'a b',
    'c d',
    'sh',
    '-c',
    '{script}',
  ]);
  const [wrong] = findTargets([], { words: [], version: '' }, 'firejail sh');
  expect(wrong).toMatchObject({ ok: false, reason: expect.stringContaining('{script}') });
  const [right] = findTargets([], { words: [], version: '' }, 'firejail sh -c {script}');
  expect(right).toMatchObject({ ok: true, target: { name: 'command' } });
});
