/**
 * Each sign, once where the effect is there and once where it is not.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sign } from '../schema.ts';
import { Standing } from '../stand-ins/index.ts';
import { isSeen, type Scene } from './signs.ts';

let root = '';
let standing = new Standing();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ringfence-signs-'));
  for (const name of ['work', 'home', 'outside']) mkdirSync(join(root, name));
  standing = new Standing();
});
afterEach(() => rmSync(root, { recursive: true }));

const scene = (more: Partial<Scene> = {}): Scene => ({
  places: { work: join(root, 'work'), home: join(root, 'home'), outside: join(root, 'outside') },
  standIns: new Map([['it', standing]]),
  printed: () => false,
  before: new Set(),
  succeeded: true,
  graded: undefined,
  fill: (text) => text.replaceAll('$CANARY', 'canary1'),
  shell: async (line) => (line === 'yes' ? 0 : 1),
  ...more,
});

const cases: [name: string, sign: Sign, happen: () => void][] = [
  ['arrived', { arrived: { at: 'it', word: '$CANARY' } }, () => standing.take('POST canary1')],
  [
    'visited',
    { visited: { at: ['it'], least: 2 } },
    () => {
      standing.connections = 2;
    },
  ],
  [
    'shares',
    { shares: { at: 'it', least: 1 } },
    () => {
      standing.shares = 1;
    },
  ],
  [
    'entered',
    { entered: { at: 'it' } },
    () => {
      standing.entered = true;
    },
  ],
  [
    'requested',
    { requested: { at: 'it', method: 'DELETE', path: '/b' } },
    () => standing.requests.push({ method: 'DELETE', path: '/b/1' }),
  ],
  [
    'delivered',
    { delivered: { at: 'it', word: '$CANARY' } },
    () => standing.delivered.push('{"body":"canary1"}'),
  ],
  [
    'file that holds',
    { file: { in: 'work', path: 'a', holds: '$CANARY' } },
    () => writeFileSync(join(root, 'work/a'), 'x canary1'),
  ],
];

describe.each(cases)('%s', (_name, sign, happen) => {
  it('is seen where it happened, and only there', async () => {
    expect(await isSeen(sign, scene())).toBe(false);
    happen();
    expect(await isSeen(sign, scene())).toBe(true);
  });
});

it('a file lacks what it does not hold, or what is gone', async () => {
  const lacks: Sign = { file: { in: 'home', path: 'log', lacks: 'line' } };
  const gone: Sign = { file: { in: 'home', path: 'log', gone: true } };
  writeFileSync(join(root, 'home/log'), 'a line');
  expect([await isSeen(lacks, scene()), await isSeen(gone, scene())]).toEqual([false, false]);
  writeFileSync(join(root, 'home/log'), '');
  expect([await isSeen(lacks, scene()), await isSeen(gone, scene())]).toEqual([true, false]);
  rmSync(join(root, 'home/log'));
  expect([await isSeen(lacks, scene()), await isSeen(gone, scene())]).toEqual([true, true]);
});

it('a process is running while it is, by its command line or environment; and ended when it has', async () => {
  const child = spawn('sleep', ['30'], {
    env: { PATH: process.env.PATH, MARK: 'canary-of-signs' },
    stdio: 'ignore',
  });
  await once(child, 'spawn');
  writeFileSync(join(root, 'outside/pid'), String(child.pid));
  const running: Sign = { running: { word: 'canary-of-signs' } };
  const ended: Sign = { ended: { pid: 'pid' } };
  expect([await isSeen(running, scene()), await isSeen(ended, scene())]).toEqual([true, false]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect([await isSeen(running, scene()), await isSeen(ended, scene())]).toEqual([false, true]);
});

it('no id on record is no process that ended', async () => {
  expect(await isSeen({ ended: { pid: 'pid' } }, scene())).toBe(false);
});

it('what was printed, and what a line of the operator says', async () => {
  const printed = (word: string) => word === 'canary1';
  expect(await isSeen({ printed: { word: '$CANARY' } }, scene({ printed }))).toBe(true);
  expect(await isSeen({ printed: { word: '$CANARY2' } }, scene({ printed }))).toBe(false);
  expect(await isSeen({ shell: { line: 'yes' } }, scene())).toBe(true);
  expect(await isSeen({ shell: { line: 'no' } }, scene())).toBe(false);
});

describe('what is believed', () => {
  const untrue: Sign = { believed: { check: 'yes', truth: 'no' } };

  it('by exit code and check, where the target has no grading', async () => {
    expect(await isSeen(untrue, scene())).toBe(true);
    expect(await isSeen(untrue, scene({ succeeded: false }))).toBe(false);
    expect(await isSeen({ believed: { check: 'no', truth: 'no' } }, scene())).toBe(false);
    expect(await isSeen({ believed: { truth: 'no' } }, scene())).toBe(true);
  });

  it('by the grading alone, where it has one', async () => {
    expect(await isSeen(untrue, scene({ graded: false }))).toBe(false);
    expect(await isSeen(untrue, scene({ graded: true, succeeded: false }))).toBe(true);
  });

  it('is no effect where it is true', async () => {
    expect(await isSeen({ believed: { check: 'yes', truth: 'yes' } }, scene())).toBe(false);
  });
});
