/**
 * From a wrong event to its answer while 20,000 come in a second, and what happens when more come than can be judged.
 * Recording and judging are the real ones, with all rules; only the events are made up.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readLedger } from '../../src/ledger/index.ts';

const RATE = 20_000;

interface Told {
  answers: number[];
  losses: string[];
  overloads: number[];
  offered: number;
  recorded: number;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-pace-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function offer(rate: string, name: string): Promise<Told> {
  const child = join(import.meta.dirname, 'pace.child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [child, join(folder, name), rate, '3'], {
    timeout: 120_000,
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout) as Told;
}

/** How soon depends on the machine: it is printed here, and measured by `npm run bench -- --only respond`. */
test(`${RATE} events a second: each wrong one is answered, and each is on record`, async () => {
  const { answers, losses, overloads, offered, recorded } = await offer(String(RATE), 'pace');
  expect(losses).toEqual([]);
  expect(offered).toBeGreaterThanOrEqual(RATE * 3);
  expect(recorded).toBeGreaterThanOrEqual(offered);
  if (overloads.length === 0) expect(answers.length).toBeGreaterThanOrEqual((RATE * 3) / 250 - 1);
  const sorted = answers.toSorted((one, other) => one - other);
  const within = (share: number) =>
    ((sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN) / 1000).toFixed(2);
  console.log(
    `wrong event to freeze at ${RATE}/s: half within ${within(0.5)} ms, 99 of 100 within ${within(0.99)} ms`,
  );
});

test('five times what can be judged: it is said once, and each event that came is on record', async () => {
  const { overloads, losses, offered } = await offer('flood', 'flood');
  expect(overloads).toHaveLength(1);
  expect(losses).toEqual([]);
  let events = 0;
  let findings = 0;
  for await (const event of readLedger(join(folder, 'flood', 'ledger'))) {
    if (event.kind === 'process.exec' || event.kind === 'file.change') events += 1;
    if (event.kind === 'finding') findings += 1;
  }
  expect(events).toBe(offered);
  expect(findings).toBeGreaterThan(0);
});
