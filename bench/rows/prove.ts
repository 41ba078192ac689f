/**
 * What `prove` computes with: the fixpoint and the patterns, in a new process each time, because a command runs them once.
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

const PATTERNS = 1_000;
const ASKED = [
  ['atoms', 'the classes that 1,000 path patterns cut paths into, new process', 1_000],
  ['includes', '1,000 path patterns held against a maximum, new process', 1_000],
  ['meet', 'words in common of each with each of 150 patterns that match at any depth', undefined],
  ['product', 'the classes of these and 20 patterns that match at any depth', undefined],
] as const;

async function cut(workshop: Workshop): Promise<Line[]> {
  const rounds: Record<string, number>[] = [];
  let found: Record<string, unknown> = {};
  for (let round = 0; round < Math.max(3, workshop.rounds); round += 1) {
    const text = await mustRun(
      [process.execPath, join(ROOT, 'src/prove/patterns/patterns.bench.ts'), String(PATTERNS)],
      { within: 60 },
    );
    const result = JSON.parse(text) as Record<string, number> & { found: Record<string, unknown> };
    rounds.push(result);
    found = result.found;
  }
  return ASKED.map(([name, what, bound]) => ({
    what,
    ...(bound !== undefined && { goal: { of: 'value', is: 'at most', bound } as const }),
    ours: { name, unit: 'ms', value: summarize(rounds.map((round) => round[name] as number)) },
    ...(name !== 'includes' && { note: `${found[name]} ${name === 'meet' ? 'pairs have one' : 'classes'}` }),
  }));
}

export const provePatterns: Row = { id: 'prove-patterns', measures: 'what path patterns match', run: cut };
