/**
 * What `prove` computes with: the fixpoint, in a new process each time, because a command runs it once.
 *
 * @module
 */
import { join } from 'node:path';
import type { Line } from '../line.ts';
import { mustRun } from '../programs.ts';
import { summarize } from '../statistics.ts';
import { ROOT, type Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const FACTS = 50_000;

async function solve(workshop: Workshop): Promise<Line[]> {
  const times: number[] = [];
  let note = '';
  for (let round = 0; round < Math.max(3, workshop.rounds); round += 1) {
    const text = await mustRun(
      [process.execPath, join(ROOT, 'src/prove/logic/solve.bench.ts'), String(FACTS)],
      { within: 60 },
    );
    const { facts, milliseconds, megabytes } = JSON.parse(text) as Record<string, number>;
    times.push(milliseconds as number);
    note = `${facts} facts, with the shortest proof of each; ${Math.round(megabytes as number)} MB in all`;
  }
  return [
    {
      what: 'everything that follows, 50,000 facts, new process',
      goal: { of: 'value', is: 'at most', bound: 200 },
      ours: { name: 'fixpoint', unit: 'ms', value: summarize(times) },
      note,
    },
  ];
}

export const proveEngine: Row = {
  id: 'prove-engine',
  measures: 'facts that follow from a model',
  run: solve,
};
