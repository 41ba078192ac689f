/**
 * The gateway's process parses hostile input: what it can reach itself, and what happens when it or its controller dies.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { encodePlan } from '../../src/cell/plan/index.ts';
import { confinedPlan } from '../../src/cell/supervise/index.ts';
import { ofKind, type Project, type Running, type Terms } from './cell.ts';
import { HOME4 } from './origins.ts';
import { commandOf, descendantsOf, type Person, until } from './people.ts';
import { HALVES, makeProject, makeSetting, personNamed, type Setting } from './setting.ts';

const VIOLATION = 122;

let setting: Setting;
beforeAll(async () => {
  setting = await makeSetting();
});
afterAll(() => setting.close());

const status = (pid: number): Record<string, string> =>
  Object.fromEntries(
    readFileSync(`/proc/${pid}/status`, 'utf8')
      .split('\n')
      .map((line) => line.split(':\t') as [string, string]),
  );

/** The gateway among the processes below a run. */
function gatewayOf(pid: number): number {
  const found = descendantsOf(pid).filter((id) => /node\S* .*gateway\.js$/.test(commandOf(id)));
  if (found.length !== 1) throw new Error(`${found.length} gateways below ${pid}`);
  return found[0] as number;
}

const alive = (pid: number): boolean => commandOf(pid) !== '';

describe.each(HALVES)('as %s', (who) => {
  let project: Project;
  let person: Person;
  beforeAll(() => {
    person = personNamed(setting, who);
    project = makeProject(setting, person);
  });
  afterAll(() => project.remove());

  let running: Running | undefined;
  afterEach(() => {
    running?.child.kill('SIGKILL');
  });
  const begin = async (): Promise<{ run: Running; controller: number; gateway: number }> => {
    const terms: Terms = {
      network: [{ host: 'web.example.com', port: setting.origins.http, protocol: 'http' }],
      resolve: { 'web.example.com': [HOME4] },
    };
    const url = `http://web.example.com:${setting.origins.http}/`;
    const run = project.start(terms, ['sh', '-c', `curl -sS ${url}; exec sleep 30`]);
    running = run;
    await run.said('hello web.example.com');
    const controller = run.child.pid ?? 0;
    return { run, controller, gateway: gatewayOf(controller) };
  };

  test('it has no privilege, and sees its code and libraries only', async () => {
    const { gateway } = await begin();
    const own = status(gateway);
    for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect([name, own[name]]).toEqual([name, '0000000000000000']);
    expect(own.NoNewPrivs).toBe('1');
    expect(own.Seccomp).toBe('2');
    expect(own.Uid?.split('\t').map(Number)).not.toContain(0);
    expect(own.Gid?.split('\t').map(Number)).not.toContain(0);
    for (const name of ['user', 'mnt', 'pid', 'ipc', 'uts']) {
      const inside = readlinkSync(`/proc/${gateway}/ns/${name}`);
      expect(inside).not.toBe(readlinkSync(`/proc/self/ns/${name}`));
    }
    // the host's network is its work
    expect(readlinkSync(`/proc/${gateway}/ns/net`)).toBe(readlinkSync('/proc/self/ns/net'));
    expect(readdirSync(`/proc/${gateway}/root`).sort()).toEqual(
      expect.not.arrayContaining(['bin', 'home', 'root', 'run', 'var']),
    );
  });

  test('hostile code in its place reaches nothing but the network', async () => {
    const folder = join(setting.scratch, `hostile-${who.length}`);
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(import.meta.dirname, 'inside/hostile.mjs'), join(folder, 'hostile.mjs'));
    const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const plan = confinedPlan({
      name: 'gateway',
      command: [person.node, '--max-old-space-size=256', join(folder, 'hostile.mjs')],
      needs: [folder],
      host: person.ids ?? self,
      unprivileged: 0x7000_1234,
      memory: 1 << 30,
    });
    const launcher = join(dirname(person.ringfence), `dist/native/linux-${process.arch}/ringfence-cell`);
    const child = spawn(launcher, ['run'], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'],
      env: {},
      cwd: '/',
      ...person.ids,
    });
    const pipe = child.stdio[4] as Writable;
    pipe.end(encodePlan(plan));
    const answer = await new Promise<Record<string, unknown>>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Record<string, unknown>));
      child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
    });
    child.kill('SIGKILL');
    expect(answer).toEqual({
      'read /etc/passwd': 'ENOENT',
      'read the home folder': 'ENOENT',
      // the runtime itself may lie there; its folders are shown, and nothing beside it
      'list /home': person.node.startsWith('/home/') ? person.node.split('/')[2] : 'ENOENT',
      'list /var': 'ENOENT',
      'list /run': 'ENOENT',
      'write /file': expect.stringMatching(/^E(ROFS|ACCES)$/),
      'write its own code': expect.stringMatching(/^E(ROFS|ACCES)$/),
      'run /bin/sh': 'ENOENT',
      'see the host’s processes': 'only itself',
      environment: '',
    });
  });

  test('without it the run ends at once', async () => {
    const { run, gateway } = await begin();
    const killed = performance.now();
    process.kill(gateway, 'SIGKILL');
    const ended = await run.ended;
    expect(performance.now() - killed).toBeLessThan(3000);
    expect(ended.status, ended.err).toBe(VIOLATION);
    expect(ended.record.reason).toBe('gateway');
    expect(ofKind(ended.events, 'sensor.loss')).toMatchObject([{ sensor: 'gateway' }]);
    expect(ofKind(ended.events, 'run.stop')).toMatchObject([{ reason: 'gateway' }]);
  });

  test('it dies with its controller, and the cell with both', async () => {
    const { run, controller, gateway } = await begin();
    const below = descendantsOf(controller);
    expect(below).toContain(gateway);
    process.kill(controller, 'SIGKILL');
    await until('every process is gone', () => !below.some(alive));
    await run.ended.catch(() => {});
  });
});
