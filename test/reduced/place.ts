/**
 * Four kinds of machine for the reduced isolation: root and an ordinary user, each as they are and as a container engine's
 * defaults restrict them. What a run is given, and what it must not reach, is made fresh for each.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const cli = join(root, 'dist', 'cli.js');
const launcher = join(root, 'native', 'build', 'ringfence-cell');

/** An id that no account has. */
const USER = 61_234;

export type Kind = 'root' | 'user' | 'restricted root' | 'restricted user';

/** The Landlock version of this kernel, and whether we may take other identities. */
export function machine(): { landlock: number; root: boolean } {
  const report = JSON.parse(execFileSync(launcher, ['doctor'], { encoding: 'utf8' })) as { landlock: number };
  return { landlock: report.landlock, root: process.getuid?.() === 0 };
}

export interface Place {
  project: string;
  outside: string;
  secret: string;
  home: string;
  victim: ChildProcess;
  sockets: { path: string; abstract: string; reached: () => number };
  write(name: string, text: string): void;
  run(contract: string, command: readonly string[], input?: string): Ran;
  start(contract: string, command: readonly string[]): ChildProcess;
  record(): Record<string, unknown>;
  close(): void;
}

export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

function compile(name: string, folder: string): string {
  const program = join(folder, name);
  execFileSync('cc', ['-O1', '-o', program, join(here, `${name}.c`)]);
  return program;
}

async function listenAt(path: string, count: () => void): Promise<Server> {
  const server = createServer((socket) => {
    count();
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}

export async function makePlace(kind: Kind): Promise<Place> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'reduced-')));
  chmodSync(base, 0o755);
  const home = join(base, 'home');
  const project = join(home, 'project');
  const outside = join(home, 'outside');
  const secret = join(home, 'secret');
  const uid = kind.endsWith('user') ? USER : 0;
  for (const path of [home, project, outside]) mkdirSync(path);
  const attacker = compile('attacker', project);
  const restricted = compile('restricted', base);
  writeFileSync(secret, 'canary');
  writeFileSync(join(project, 'a.txt'), 'original\n');
  writeFileSync(join(outside, 'program'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  for (const path of [
    home,
    project,
    outside,
    secret,
    attacker,
    join(project, 'a.txt'),
    join(outside, 'program'),
  ]) {
    chownSync(path, uid, uid);
  }
  chmodSync(secret, 0o600);
  const identity = uid === 0 ? {} : { uid, gid: uid };
  let reached = 0;
  const path = join(outside, 'socket');
  const abstract = `ringfence-reduced-${process.pid}-${reached}`;
  const servers = [
    await listenAt(path, () => {
      reached += 1;
    }),
    await listenAt(`\0${abstract}`, () => {
      reached += 1;
    }),
  ];
  chmodSync(path, 0o777);
  const victim = spawn('sleep', ['600'], { stdio: 'ignore', env: { CANARY: 'x' }, ...identity });
  const record = join(home, 'record.json');
  const arguments_ = (contract: string, command: readonly string[]) => {
    const file = join(project, 'ringfence.yaml');
    writeFileSync(file, `ringfence: 1\nname: reduced\n${contract}`);
    chownSync(file, uid, uid);
    const own = [process.execPath, cli, 'run', '--json', record, '--', ...command];
    return kind.startsWith('restricted') ? [restricted, String(uid), ...own] : own;
  };
  const options = {
    cwd: project,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: home,
      XDG_RUNTIME_DIR: home,
      LANG: 'C.UTF-8',
    },
    ...(kind.startsWith('restricted') ? {} : identity),
  };
  return {
    project,
    outside,
    secret,
    home,
    victim,
    sockets: { path, abstract, reached: () => reached },
    write: (name, text) => {
      writeFileSync(join(project, name), text);
      chownSync(join(project, name), uid, uid);
    },
    run: (contract, command, input = '') => {
      const [program = '', ...rest] = arguments_(contract, command);
      const { status, stdout, stderr } = spawnSync(program, rest, {
        ...options,
        input,
        encoding: 'utf8',
        timeout: 50_000,
      });
      return { status, stdout, stderr };
    },
    start: (contract, command) => {
      const [program = '', ...rest] = arguments_(contract, command);
      return spawn(program, rest, { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
    },
    record: () => JSON.parse(readFileSync(record, 'utf8')) as Record<string, unknown>,
    close: () => {
      victim.kill('SIGKILL');
      for (const server of servers) server.close();
      const runs = join(home, '.local/state/ringfence/runs');
      for (const id of existsSync(runs) ? readdirSync(runs) : [])
        for (const folder of ['/var/tmp', '/tmp'])
          rmSync(join(folder, `ringfence-${id}`), { recursive: true, force: true });
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** Processes whose command line holds the text, by id. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ').startsWith(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Waits for a condition; fails the test after `deadline` milliseconds. */
export async function until(condition: () => boolean, deadline = 10_000): Promise<void> {
  const end = Date.now() + deadline;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
