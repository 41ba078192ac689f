/**
 * The ledger's appends, and loading a contract.
 *
 * @module
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadContract } from '../../src/contract/index.ts';
import type { Line } from '../line.ts';
import { mustRun } from '../programs.ts';
import { summarize } from '../statistics.ts';
import { ROOT, type Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const EVENTS = 100_000;

async function append(workshop: Workshop): Promise<Line[]> {
  const rates: number[] = [];
  for (let round = 0; round < Math.max(3, Math.ceil(workshop.rounds / 3)); round += 1) {
    const text = await mustRun(
      [process.execPath, join(ROOT, 'src/ledger/append.bench.ts'), String(EVENTS), '1'],
      { within: 120 },
    );
    rates.push((JSON.parse(text) as { appendPerSecond: number }).appendPerSecond);
  }
  return [
    {
      what: 'ledger append, durable in batches',
      goal: { of: 'value', is: 'at least', bound: 200_000 },
      ours: { name: 'ledger', unit: 'events/s', value: summarize(rates) },
      note: `${EVENTS} events a round, redacted, hashed, chained, synced, checkpoints signed`,
    },
  ];
}

async function load(workshop: Workshop): Promise<Line[]> {
  const folder = join(ROOT, 'contracts');
  const paths = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name));
  const times: number[] = [];
  for (let round = -3; round < workshop.rounds * 3; round += 1) {
    const before = performance.now();
    for (const path of paths) loadContract(path);
    if (round >= 0) times.push((performance.now() - before) / paths.length);
  }
  return [
    {
      what: 'loading a contract, in a warm process',
      ours: { name: 'loadContract', unit: 'ms', value: summarize(times) },
      note: `mean of ${paths.length} ready contracts a round; parsed and checked, without the cache of the command`,
    },
  ];
}

export const ledger: Row = { id: 'ledger', measures: 'ledger append', run: append };
export const contract: Row = { id: 'contract', measures: 'contract load', run: load };
