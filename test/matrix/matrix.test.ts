/**
 * The affordance matrix: what a patient attacker tries, bare (where it must succeed, or nothing is proved) and inside a
 * cell (where it must not), as the current user and, when that is root, as an ordinary user too.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOPICS } from './attempt.ts';
import { ATTEMPTS } from './attempts/index.ts';
import { joinResults, type Row, table } from './report.ts';
import { isRoot, runWorld } from './world.ts';

const LIMIT = 400_000;
const template = process.env.RINGFENCE_MATRIX_TARGET;

const list = (rows: Row[], which: 'bare' | 'cell') => rows.map((row) => `${row.id}: ${row[which]?.detail}`);

describe('the attempts', () => {
  it('cite every heading of the threat model, each attempt once', () => {
    const cited = new Set(ATTEMPTS.map(({ topic }) => topic));
    expect(TOPICS.filter((topic) => !cited.has(topic))).toEqual([]);
    expect(new Set(ATTEMPTS.map(({ id }) => id)).size).toBe(ATTEMPTS.length);
    expect(ATTEMPTS.filter(({ control }) => !control).length).toBeGreaterThanOrEqual(200);
  });
});

describe.each(isRoot() ? (['root', 'user'] as const) : (['user'] as const))('as %s', (identity) => {
  it('every attempt succeeds bare or cannot on this machine, and none reaches out of a cell', {
    timeout: LIMIT,
  }, async () => {
    if (template === undefined && !existsSync(resolve(import.meta.dirname, '../../dist/cli.js')))
      throw new Error('Ringfence is not built: run npm run setup first');
    const bare = await runWorld({ mode: 'bare', identity });
    const cell = await runWorld({ mode: 'cell', identity, ...(template !== undefined && { template }) });
    const rows = joinResults(bare, cell);
    console.log(table(`as ${identity}, ${template ?? 'ringfence run'}`, rows));
    const attempts = rows.filter(({ control }) => !control);
    const controls = rows.filter(({ control }) => control);
    expect(rows.length).toBe(ATTEMPTS.length);
    const idle = attempts.filter((row) => row.bare?.outcome !== 'reached' && row.bare?.outcome !== 'cannot');
    expect(list(idle, 'bare'), 'bare, these neither succeeded nor said why they cannot').toEqual([]);
    const succeeded = attempts.filter((row) => row.bare?.outcome === 'reached');
    expect(succeeded.length, 'attempts that succeed bare').toBeGreaterThanOrEqual(80);
    const out = attempts.filter((row) => row.cell?.outcome !== 'held');
    expect(list(out, 'cell'), 'these reached out of the cell, or were not tried').toEqual([]);
    const broken = controls.filter((row) => row.cell?.outcome !== 'reached');
    expect(list(broken, 'cell'), 'honest work that failed inside').toEqual([]);
  });
});
