/**
 * From a wrong event to the order to freeze, while 20,000 events come in a second and all rules judge them; and how soon an
 * overload is noticed.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Line } from '../line.ts';
import { summarize } from '../statistics.ts';
import type { Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const RATE = 20_000;
const SECONDS = 3;

/** What `test/watch/pace.child.ts` prints. Times: µs of that process’s own time. */
interface Told {
  answers: number[];
  overloads: number[];
  offered: number;
  recorded: number;
}

async function offer(rate: string): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-bench-respond-'));
  const child = join(import.meta.dirname, '../../test/watch/pace.child.ts');
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [child, folder, rate, String(SECONDS)], {
      maxBuffer: 1 << 26,
    });
    return JSON.parse(stdout) as Told;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds. */
function percentile(answers: readonly number[], share: number): number {
  const sorted = answers.toSorted((one, other) => one - other);
  return (sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN) / 1000;
}

async function measure(workshop: Workshop): Promise<Line[]> {
  const [half, most, noticed] = [[] as number[], [] as number[], [] as number[]];
  let wrong = 0;
  let missing = 0;
  for (let round = 0; round < Math.max(3, Math.ceil(workshop.rounds / 2)); round += 1) {
    const { answers, offered, recorded } = await offer(String(RATE));
    half.push(percentile(answers, 0.5));
    most.push(percentile(answers, 0.99));
    wrong += answers.length;
    missing += Math.max(0, offered - recorded);
    noticed.push(...(await offer('flood')).overloads.map((delay) => delay / 1000));
  }
  const ours = (values: number[]) => ({ name: 'ringfence', unit: 'ms' as const, value: summarize(values) });
  return [
    {
      what: `wrong event to freeze at ${RATE.toLocaleString('en').replace(',', ' ')} events/s, half of them within`,
      ours: ours(half),
      note: `${wrong} wrong events, ${missing} events not recorded`,
    },
    {
      what: 'the same, 99 of 100 within',
      goal: { of: 'value', is: 'at most', bound: 5 },
      ours: ours(most),
      note: 'recorded, judged by all rules, answered; by the process’s own time',
    },
    {
      what: 'five times what can be judged: noticed when events are so late',
      ours: ours(noticed),
      note: 'an overload is later than a second, 100 times in a row',
    },
  ];
}

export const respond: Row = {
  id: 'respond',
  measures: 'a wrong event to freeze, and an overload to its notice',
  run: measure,
};
