/**
 * Cells for tests of the launcher itself.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { SupervisorEvent } from '../../src/contract/index.ts';
import type { DriverSpec } from './driver.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const BUILD = join(ROOT, 'native', 'build');
export const isRoot = process.getuid?.() === 0;

export type Build = 'ringfence-cell' | 'ringfence-cell-test' | 'ringfence-cell-asan' | 'ringfence-cell-ubsan';
export type DriverEvent =
  | SupervisorEvent
  | { ev: 'launched'; pid: number; upper: string }
  | { ev: 'exited'; code?: number; signal?: string };
type Of<Kind extends DriverEvent['ev']> = Extract<DriverEvent, { ev: Kind }>;

/** An id that has no account, for the runs of an ordinary user that root's tests start. */
const NOBODY = 65_533;
export type Identity = 'self' | 'ordinary';
/** As whom cells run here: root's tests run everything twice. */
export const IDENTITIES: readonly Identity[] = isRoot ? ['self', 'ordinary'] : ['self'];

export interface CellOptions {
  build?: Build;
  as?: Identity;
  contract?: string;
  probeInterval?: number;
  cgroups?: boolean;
  plan?: DriverSpec['plan'];
  env?: Record<string, string>;
  stdio?: [number | 'ignore' | 'pipe', number | 'ignore' | 'pipe', number | 'ignore' | 'pipe'];
  workspace?: string;
  umask?: number;
}

export class Cell {
  readonly events: DriverEvent[] = [];
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #waiting = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (data) => {
      this.stdout += data;
      this.#wake();
    });
    child.stderr?.on('data', (data) => {
      this.stderr += data;
      this.#wake();
    });
    let rest = '';
    (child.stdio[3] as Readable).on('data', (data) => {
      const lines = (rest + data).split('\n');
      rest = lines.pop() ?? '';
      this.events.push(...lines.map((line) => JSON.parse(line) as DriverEvent));
      this.#wake();
    });
    child.on('close', () => {
      this.#wake();
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  send(command: string): void {
    (this.child.stdio[4] as Writable).write(`${command}\n`);
  }

  /** Waits until `find` finds something; fails with what was seen at the deadline. */
  until<T>(what: string, find: () => T | undefined | false, milliseconds = 10_000): Promise<T> {
    return new Promise((done, fail) => {
      const look = () => {
        const found = find();
        if (found === undefined || found === false) return;
        finish();
        done(found);
      };
      const timer = setTimeout(() => {
        finish();
        const last = this.events.slice(-5).map((event) => JSON.stringify(event).slice(0, 300));
        fail(new Error(`no ${what} within ${milliseconds} ms; stderr: ${this.stderr}; last events: ${last.join('\n')}`));
      }, milliseconds);
      const poll = setInterval(look, 20);
      const finish = () => {
        clearTimeout(timer);
        clearInterval(poll);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  all<Kind extends DriverEvent['ev']>(kind: Kind): Of<Kind>[] {
    return this.events.filter((event): event is Of<Kind> => event.ev === kind);
  }

  event<Kind extends DriverEvent['ev']>(kind: Kind, milliseconds?: number): Promise<Of<Kind>> {
    return this.until(kind, () => this.all(kind)[0], milliseconds);
  }

  /** The end of the run: what the program's end was, and how the launcher itself exited. */
  async end(milliseconds = 20_000): Promise<{ done: Of<'done'> | undefined; exit: Of<'exited'> }> {
    const exit = await this.event('exited', milliseconds);
    return { done: this.all('done')[0], exit };
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'ringfence-native-'));
chmodSync(scratch, 0o755);
let made = 0;

/** A new folder that the identity owns; gone after the tests. */
export function folderFor(as: Identity = 'self'): string {
  const path = join(scratch, `${as}-${made++}`);
  mkdirSync(path, { mode: 0o755 });
  if (as === 'ordinary') chownSync(path, NOBODY, NOBODY);
  return path;
}

export function removeFolders(): void {
  rmSync(scratch, { recursive: true, force: true });
}

/** Starts a driver with a cell in it. */
export function startCell(command: string[], options: CellOptions = {}): Cell {
  const as = options.as ?? 'self';
  const workspace = options.workspace ?? folderFor(as);
  const spec: DriverSpec = {
    launcher: join(BUILD, options.build ?? 'ringfence-cell'),
    command,
    workspace,
    state: folderFor(as),
    home: folderFor(as),
    contract: options.contract ?? '',
    probeInterval: options.probeInterval ?? 10_000,
    cgroups: (options.cgroups ?? true) && isRoot && as === 'self',
    ...(options.plan && { plan: options.plan }),
  };
  if (options.umask !== undefined) process.umask(options.umask);
  const [input, output, error] = options.stdio ?? ['ignore', 'pipe', 'pipe'];
  const child = spawn(process.execPath, [join(import.meta.dirname, 'driver.ts'), JSON.stringify(spec)], {
    cwd: '/',
    stdio: [input, output, error, 'pipe', 'pipe'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: spec.home, ...options.env },
    ...(as === 'ordinary' && { uid: NOBODY, gid: NOBODY }),
  });
  if (options.umask !== undefined) process.umask(0o022);
  (child.stdio[4] as Writable).on('error', () => {});
  return new Cell(child);
}

/** Pids of this machine whose user is one that a test's cell has, or whose command line holds the text. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

export const alive = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return existsSync(`/proc/${pid}`);
  }
};

export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
