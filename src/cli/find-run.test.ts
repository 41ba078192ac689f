import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findRun, listRuns } from './find-run.ts';

let runs: string;
beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'ringfence-runs-'));
});
afterEach(() => rmSync(runs, { recursive: true, force: true }));

it('finds the latest, the exact one and the one whose id begins so', () => {
  for (const id of ['ab1', 'ab12', 'cd3']) mkdirSync(join(runs, id));
  expect(findRun(undefined, runs).id).toBe(listRuns(runs)[0]?.id);
  expect(findRun('ab1', runs)).toEqual({
    id: 'ab1',
    folder: join(runs, 'ab1'),
    ledger: join(runs, 'ab1', 'ledger'),
  });
  expect(findRun('c', runs).id).toBe('cd3');
});

it('says what there is where the id is unknown, or more than one', () => {
  expect(() => findRun(undefined, runs)).toThrow('there are no runs yet');
  for (const id of ['ab1', 'ab2']) mkdirSync(join(runs, id));
  expect(() => findRun('a', runs)).toThrow('2 runs begin with "a"');
  expect(() => findRun('', runs)).toThrow('2 runs begin with ""');
  expect(() => findRun('x', runs)).toThrow('there is no run "x"');
});

it('never leads out of the folder of runs', () => {
  mkdirSync(join(runs, 'real'));
  writeFileSync(join(runs, '.hidden'), '');
  expect(() => findRun('..', runs)).toThrow('there is no run ".."');
  expect(() => findRun('real/..', runs)).toThrow('there is no run "real/.."');
  expect(() => findRun('.hidden', runs)).toThrow('there is no run ".hidden"');
});

it('knows no runs where nothing ever ran', () => {
  expect(listRuns(join(runs, 'absent'))).toEqual([]);
});
