/**
 * The review of a large change set.
 *
 * @module
 */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Line } from '../line.ts';
import { mustRun } from '../programs.ts';
import { summarize } from '../statistics.ts';
import { RINGFENCE, type Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const FILES = 10_000;
const FOLDERS = 100;

/** A program for the cell: changes every file. */
const CHANGE = 'for file in d*/f*; do echo changed >>"$file"; done';

async function run(workshop: Workshop): Promise<Line[]> {
  const folder = join(workshop.scratch, 'review');
  for (let index = 0; index < FOLDERS; index++) mkdirSync(join(folder, `d${index}`), { recursive: true });
  const text = Array.from({ length: 40 }, (_, line) => `line ${line} of a file that an agent changes\n`).join(
    '',
  );
  for (let index = 0; index < FILES; index++) {
    const path = join(folder, `d${index % FOLDERS}`, `f${index}`);
    writeFileSync(path, text);
    appendFileSync(path, `${index}\n`);
  }
  const contract = workshop.contract(
    'review',
    [],
    `files: { workspace: "${folder}" }\ncompute: { time: 10m }\n`,
  );
  const { environment } = workshop;
  await mustRun([RINGFENCE, 'run', '-q', '--contract', contract, '--', 'sh', '-c', CHANGE], {
    cwd: folder,
    environment,
    within: 300,
  });
  const times: number[] = [];
  for (let round = -1; round < Math.max(3, Math.ceil(workshop.rounds / 4)); round += 1) {
    const before = performance.now();
    await mustRun([RINGFENCE, 'review'], { cwd: folder, environment, within: 60 });
    if (round >= 0) times.push((performance.now() - before) / 1000);
  }
  rmSync(folder, { recursive: true, force: true });
  return [
    {
      what: `review of ${FILES} changed files`,
      goal: { of: 'value', is: 'at most', bound: 2 },
      ours: { name: 'review', unit: 's', value: summarize(times) },
      note: 'cold start to the last line: read from the overlay, hashed on both sides, sorted, shown as diffs (4,000 lines of them)',
    },
  ];
}

export const review: Row = { id: 'review', measures: 'review of a change set', run };
