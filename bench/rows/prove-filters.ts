/**
 * Proofs of the filters that a run loads, with the solver's start, in a new process each time.
 *
 * @module
 */
import { join } from 'node:path';
import type { Line } from '../line.ts';
import { mustRun } from '../programs.ts';
import { summarize } from '../statistics.ts';
import { ROOT, type Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const ASKED = [
  ['cold', 'ms', 'the two filters of a run proved, the start of z3 with it', 1_500],
  ['warm', 'ms', 'one filter more, all architectures, numbers and arguments', 1_000],
  ['key', 'ms', 'the hash under which a proof is looked up, first time in a process', undefined],
  ['megabytes', 'MB', 'memory of the solver’s process, most', 250],
] as const;

async function measure(workshop: Workshop): Promise<Line[]> {
  const rounds: Record<string, number>[] = [];
  for (let round = 0; round < Math.max(3, workshop.rounds); round += 1) {
    const text = await mustRun([process.execPath, join(ROOT, 'bench/filters.mts')], { within: 60 });
    rounds.push(JSON.parse(text) as Record<string, number>);
  }
  return ASKED.map(([name, unit, what, bound]) => ({
    what,
    ...(bound !== undefined && { goal: { of: 'value', is: 'at most', bound } as const }),
    ours: { name: 'z3', unit, value: summarize(rounds.map((round) => round[name] as number)) },
  }));
}

export const proveFilters: Row = { id: 'prove-filters', measures: 'proofs of filters', run: measure };
