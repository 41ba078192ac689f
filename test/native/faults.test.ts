/**
 * Every system call of the set-up is made to fail in turn: nothing runs, one clear line says what failed, nothing is
 * left. And isolation that is not what was planned is found before the first instruction.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanOp } from '../../src/contract/index.ts';
import { brokenPromise, unkeptPromise } from '../../src/prove/artefacts/plan/index.ts';
import {
  build,
  type Cell,
  folderFor,
  IDENTITIES,
  type Identity,
  isRoot,
  launch,
  prepare,
  removeFolders,
  startCell,
} from './harness.ts';

const BUILD = 'ringfence-cell-test';
const CONTRACT = 'network:\n  - { host: 192.0.2.1, port: 443, protocol: tls }\ncompute: { cpus: 1 }';
/** Words of the promise that fails without each layer. */
const PROMISE: Record<string, RegExp> = {
  landlock: /Landlock lets nothing be written/,
  seccomp: /system calls are filtered/,
  network: /nothing can be reached|namespaces of its own/,
  capabilities: /no privilege/,
  'host-root': /shown at its own place/,
  ro: /can be changed/,
  readonly: /can be changed/,
  nosuid: /no set-user-id file/,
  nodev: /no device/,
  noexec: /no set-user-id file/,
  proc: /shown at its own place/,
  mask: /files\.hide/,
  'landlock-rule': /Landlock lets nothing be written/,
  'filter-open': /system calls are filtered/,
  limits: /limits are no larger/,
  affinity: /limits are no larger/,
};
const PROGRAM = ['sh', '-c', 'echo ran; echo ran > ran'];

beforeAll(() => build(BUILD));
afterAll(removeFolders);

/** What a cell could leave: processes of the launcher (by the memory file they run from), mounts, control groups. */
function leftovers(cell: Cell, groups: readonly string[]): string[] {
  const left = groups.filter((path) => existsSync(path));
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(basename(cell.workspace)))
        left.push(`process ${pid} sees the workspace`);
    } catch {
      // gone, or not ours to read
    }
  }
  return left;
}

/** A program with a terminal, and the socket for further ones. */
const terminal = (as: Identity): PlanOp[] => [
  ['terminal', '0,1,2', '-'],
  ['sessions', join(folderFor(as), 's')],
];

async function stages(as: Identity, plan: PlanOp[] = []): Promise<string[]> {
  const log = join(folderFor(as), 'log');
  const cell = startCell(PROGRAM, {
    as,
    plan,
    build: BUILD,
    contract: CONTRACT,
    env: { RINGFENCE_FAULT_LOG: log },
  });
  const { done } = await cell.end();
  expect(done).toMatchObject({ code: 0 });
  expect(existsSync(join(cell.upper, 'ran'))).toBe(true);
  return [...new Set(readFileSync(log, 'utf8').trim().split('\n'))];
}

async function failsAt(stage: string, as: Identity, plan: PlanOp[] = []): Promise<string[]> {
  const options = { as, plan, build: BUILD, contract: CONTRACT, env: { RINGFENCE_FAULT: stage } } as const;
  const prepared = prepare(PROGRAM, options);
  const cell = launch(prepared, options);
  const { exit } = await cell.end();
  const wrong: string[] = [];
  const name = stage.replace(/#.*/, '');
  const failures = cell.all('fail');
  if (exit.code !== 125) wrong.push(`${stage}: exit ${exit.code} ${exit.signal}`);
  if (failures.length !== 1) wrong.push(`${stage}: ${failures.length} failures`);
  for (const { text } of failures) {
    if (!text.startsWith(name) || text.includes('\n') || !text.includes('Input/output error'))
      wrong.push(`${stage}: says ${text}`);
  }
  if (cell.stdout !== '' || existsSync(join(prepared.upper, 'ran'))) wrong.push(`${stage}: the program ran`);
  wrong.push(...leftovers(cell, prepared.groups).map((what) => `${stage}: left ${what}`));
  return wrong;
}

describe.each(IDENTITIES)('as %s', (as) => {
  it('a failure at any stage of the set-up means that nothing ran', { timeout: 90_000 }, async () => {
    const all = await stages(as);
    expect(all.length).toBeGreaterThan(100);
    const wrong: string[] = [];
    const first = (name: string) => name.endsWith('#1');
    const last = (name: string) => !all.includes(name.replace(/\d+$/, (count) => String(Number(count) + 1)));
    const rest = as === 'self' ? [...all] : all.filter((name) => first(name) || last(name));
    const work = async () => {
      for (let stage = rest.pop(); stage !== undefined; stage = rest.pop())
        wrong.push(...(await failsAt(stage, as)));
    };
    await Promise.all(Array.from({ length: 3 }, work));
    expect(wrong).toEqual([]);
  });

  it('… and so does one of its terminal', { timeout: 90_000 }, async () => {
    const before = await stages(as);
    const added = (await stages(as, terminal(as))).filter((stage) => !before.includes(stage));
    expect(added).toEqual(
      expect.arrayContaining(['terminal#1', 'terminal-control#1', 'sessions#1', 'send-terminal#1']),
    );
    const wrong: string[] = [];
    for (const stage of added) wrong.push(...(await failsAt(stage, as, terminal(as))));
    expect(wrong).toEqual([]);
  });

  it.each([
    ['landlock', /landlock/i],
    ['seccomp', /seccomp/],
    ['network', /namespace net|network|net\.ipv4/],
    ['capabilities', /capabilities/],
    ['no-new-privs', /no_new_privs|landlock-restrict|seccomp/],
    ['host-root', /srv/],
    ['ro', /mount .* is writable, planned read-only|lacks ro/],
    ['readonly', /mount \/ is writable|root-write/],
    ['nosuid', /lacks nosuid/],
    ['nodev', /lacks nodev/],
    ['noexec', /lacks noexec/],
    ['proc', /mount \/proc\/sys is missing/],
    ['mask', /hidden/],
    ['landlock-rule', /landlock/],
    ['filter-open', /filter/],
    ['limits', /limit: /],
    ['affinity', /limit: 2 processors, planned 1/],
  ])('without %s nothing starts, and it is said why', async (layer, why) => {
    const workspace = folderFor(as);
    writeFileSync(join(workspace, 'secret'), 'a secret');
    const contract = 'files: { hide: [secret] }\ncompute: { cpus: 1 }';
    const cell = startCell(PROGRAM, {
      as,
      build: BUILD,
      contract,
      workspace,
      env: { RINGFENCE_SABOTAGE: layer },
    });
    await cell.end();
    expect(cell.stdout).toBe('');
    expect(existsSync(join(cell.upper, 'ran'))).toBe(false);
    expect(cell.all('ready')).toEqual([]);
    const said = [
      ...cell.all('probe').flatMap(({ changed, reached }) => [...changed, ...reached]),
      ...cell.all('fail').map(({ text }) => text),
    ];
    expect(said.join('; ')).toMatch(why);
    // where it is the read-back or a probe that says so, a person is told which promise it was
    for (const { changed, reached } of cell.all('probe'))
      expect(brokenPromise(changed, reached)).toMatch(PROMISE[layer] ?? /./);
    for (const { stage } of cell.all('fail')) expect(unkeptPromise(stage)).toMatch(PROMISE[layer] ?? /./);
  });
});

describe.each(IDENTITIES)('as %s, a link that is put in the place of what was proved', (as) => {
  const swap = (path: string, to: string) => {
    renameSync(path, `${path}.moved`);
    symlinkSync(to, path);
  };

  it('is not followed by mounts', async () => {
    const [workspace, elsewhere] = [folderFor(as), folderFor(as)];
    writeFileSync(join(elsewhere, 'secret'), 'a secret');
    const prepared = prepare(['cat', 'secret'], { as, build: BUILD, workspace });
    swap(workspace, elsewhere);
    const cell = launch(prepared, { as, build: BUILD });
    const { exit } = await cell.end();
    expect(exit.code).toBe(125);
    expect(cell.all('fail').map(({ text }) => text)).toEqual([
      expect.stringMatching(/^open-source .*symbolic links/),
    ]);
    expect(cell.stdout).toBe('');
  });

  it('is not followed by rules of Landlock', async () => {
    const workspace = folderFor(as);
    const inside = join(workspace, 'a');
    mkdirSync(inside);
    if (as === 'ordinary') chmodSync(inside, 0o777);
    const contract = 'files: { write: ["a/**"] }';
    const prepared = prepare(['true'], { as, build: BUILD, workspace, contract });
    const plan = prepared.plan.filter(([name]) => name !== 'writable');
    swap(inside, '/');
    const cell = launch({ ...prepared, plan }, { as, build: BUILD });
    const { exit } = await cell.end();
    expect(exit.code).toBe(125);
    expect(cell.all('fail').map(({ text }) => text)).toEqual([
      expect.stringMatching(/^landlock-path .*symbolic links/),
    ]);
  });
});

it.skipIf(!isRoot)('a filter that differs in one bit is found by root, who may read it back', async () => {
  const cell = startCell(PROGRAM, { build: BUILD, env: { RINGFENCE_SABOTAGE: 'filter-bit' } });
  await cell.end();
  expect(cell.stdout).toBe('');
  expect(
    cell
      .all('probe')
      .flatMap(({ changed, reached }) => [...changed, ...reached])
      .join(),
  ).toMatch(/the filter that is loaded is not the planned one|filter/);
  const sound = startCell(PROGRAM, { build: BUILD });
  await sound.end();
  expect(sound.all('ready')[0]?.effective.seccomp).toMatchObject({ mode: 2 });
});

it('nothing of this is in the launcher that is installed', () => {
  build('ringfence-cell');
  const bytes = readFileSync(join(import.meta.dirname, '../../native/build/ringfence-cell'), 'latin1');
  expect(bytes).not.toMatch(/RINGFENCE_(FAULT|SABOTAGE)/);
  expect(isRoot || IDENTITIES.length === 1).toBe(true);
});
