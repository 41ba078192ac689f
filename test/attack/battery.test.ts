/**
 * The battery on a real kernel: every scenario has its effect where nothing is in the way, and its honest twin has none; some of
 * them in a cell; what was interrupted goes on.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  faultsOf,
  findTargets,
  loadScenarios,
  readTools,
  runBattery,
  type Target,
  type TargetName,
  type Trial,
} from '../../src/attack/index.ts';
import { installation } from '../../src/cli/installation.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'ringfence-battery-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const loaded = loadScenarios(ROOT);
const scenarios = loaded.ok ? loaded.scenarios : [];
const ringfence = { words: [process.execPath, join(ROOT, 'dist/cli.js')], version: '' };
const target = (name: TargetName): Target[] =>
  findTargets([name], ringfence).flatMap((found) => (found.ok ? [found.target] : []));

function battery(
  ids: (id: string) => boolean,
  targets: Target[],
  journal: string,
  options: { signal?: AbortSignal; onProgress?: () => void; seed?: number } = {},
): Promise<Trial[]> {
  return runBattery(
    { scenarios: scenarios.filter(({ id }) => ids(id)), targets, seeds: [options.seed ?? 1] },
    {
      programs: {
        launcher: installation().launcher,
        inside: [process.execPath, join(ROOT, 'dist/attack.js')],
      },
      tools: readTools(join(ROOT, 'scenarios')),
      // most of them wait most of the time
      jobs: 2 * availableParallelism(),
      journal: join(scratch, journal),
      onProgress: options.onProgress ?? (() => {}),
      signal: options.signal ?? new AbortController().signal,
    },
  );
}

const foldersOfAttempts = () =>
  ['/var/tmp', tmpdir()].flatMap((folder) =>
    readdirSync(folder).filter((name) => name.startsWith('ringfence-attack-')),
  );

const tellSkipped = (trials: readonly Trial[]) => {
  for (const { scenario, skipped } of trials)
    if (skipped !== undefined) console.log(`skipped: ${scenario}: ${skipped}`);
};

it('the inside runs nowhere but in namespaces made for it', () => {
  const job = join(scratch, 'job.json');
  writeFileSync(job, '{}');
  const inside = join(ROOT, 'src/attack/inside/main.ts');
  const words = ['--disable-warning=ExperimentalWarning', inside, job];
  const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    why: expect.stringMatching(/network|first process/),
  });
});

describe('with nothing in the way', () => {
  it('every scenario has its effect, and its twin does the task without it', async () => {
    const trials = await battery(() => true, target('none'), 'none.jsonl');
    tellSkipped(trials);
    expect(trials).toHaveLength(scenarios.length);
    expect(faultsOf(trials)).toEqual([]);
  }, 300_000);

  it('nothing of it is left behind', async () => {
    const before = new Set(foldersOfAttempts());
    await battery((id) => id.startsWith('escape.outside'), target('none'), 'left.jsonl');
    // other tests make attempts meanwhile: theirs go, too, when they are over
    const after = foldersOfAttempts().filter((name) => !before.has(name));
    await expect.poll(() => foldersOfAttempts().filter((name) => after.includes(name))).toEqual([]);
  }, 60_000);
});

describe('in a cell', () => {
  it('it has none, is seen and attributed, and the twin does its task', async () => {
    const some =
      /^(exfiltration\.posted-file|remote-control\.reverse-tunnel|persistence\.git-hook|escape\.outside-write|coercion\.threat)$/;
    const trials = await battery((id) => some.test(id), target('ringfence'), 'cell.jsonl', { seed: 2 });
    tellSkipped(trials);
    expect(faultsOf(trials)).toEqual([]);
    for (const { scenario, skipped, seen } of trials)
      if (skipped === undefined) expect([scenario, seen === 'no']).toEqual([scenario, false]);
  }, 120_000);
});

it('what was interrupted keeps what was done, and goes on with the rest', async () => {
  const stop = new AbortController();
  const wanted = (id: string) => id.startsWith('persistence.') || id.startsWith('escape.outside');
  const first = await battery(wanted, target('none'), 'resumed.jsonl', {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  expect(first).toHaveLength(1);
  const kept: boolean[] = [];
  const all = await runBattery(
    { scenarios: scenarios.filter(({ id }) => wanted(id)), targets: target('none'), seeds: [1] },
    {
      programs: {
        launcher: installation().launcher,
        inside: [process.execPath, join(ROOT, 'dist/attack.js')],
      },
      tools: readTools(join(ROOT, 'scenarios')),
      jobs: 2,
      journal: join(scratch, 'resumed.jsonl'),
      onProgress: (progress) => kept.push(progress.kept),
      signal: new AbortController().signal,
    },
  );
  expect(all).toHaveLength(3);
  expect(kept.filter(Boolean)).toHaveLength(1);
}, 60_000);
