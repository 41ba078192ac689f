/**
 * Cells for tests of the launcher itself: a compiled plan, a build of the launcher, and the supervisor's protocol. No
 * gateway and no ledger, and nothing that production code would have to offer a switch for.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { createGroups, detectCgroups, removeGroups } from '../../src/cell/cgroups/index.ts';
import { compilePlan, encodePlan } from '../../src/cell/plan/index.ts';
import {
  type ControllerCommand,
  type Plan,
  type PlanOp,
  parseContract,
  type SupervisorEvent,
} from '../../src/contract/index.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const isRoot = process.getuid?.() === 0;

/** The launcher itself, with switches for faults and sabotage, and with the sanitizers. */
export type Build = 'ringfence-cell' | 'ringfence-cell-test' | 'ringfence-cell-asan' | 'ringfence-cell-ubsan';

/** An id without an account, for the runs of an ordinary user that root's tests start. */
const NOBODY = 65_533;
export type Identity = 'self' | 'ordinary';
/** As whom cells run here: root's tests run everything twice. */
export const IDENTITIES: readonly Identity[] = isRoot ? ['self', 'ordinary'] : ['self'];
const userOf = (as: Identity) => (as === 'ordinary' ? NOBODY : (process.getuid?.() ?? -1));

/** Makes sure that the builds are there and new. */
export function build(...names: Build[]): void {
  execFileSync('make', ['-s', '-C', join(ROOT, 'native'), ...names.map((name) => `build/${name}`)], {
    stdio: 'inherit',
  });
}

/** Where an ordinary user can start them, wherever the repository lies. */
export function launcherPath(name: Build): string {
  const path = join(scratch, name);
  if (!existsSync(path)) {
    writeFileSync(path, readFileSync(join(ROOT, 'native', 'build', name)));
    chmodSync(path, 0o755);
  }
  return path;
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
  execFileSync('chmod', ['-R', 'u+rwX', scratch]); // an overlay's work folder is closed even to its owner
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}

export interface CellOptions {
  build?: Build;
  as?: Identity;
  /** lines of the contract after its name */
  contract?: string;
  /** milliseconds */
  probeInterval?: number;
  /** default: where root runs */
  cgroups?: boolean;
  /** operations that replace all those of the same names */
  plan?: PlanOp[];
  env?: Record<string, string>;
  stdin?: number | 'ignore' | 'pipe';
  stdout?: number | 'pipe';
  stderr?: number | 'pipe';
  workspace?: string;
  /** send `go` when ready (default) */
  go?: boolean;
}

export interface Prepared {
  plan: Plan;
  groups: string[];
  upper: string;
  workspace: string;
}

export function prepare(command: readonly string[], options: CellOptions = {}): Prepared {
  const as = options.as ?? 'self';
  const uid = userOf(as);
  const loaded = parseContract(`ringfence: 1\nname: native\n${options.contract ?? ''}\n`, 'test');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { contract } = loaded;
  const unprivileged = 0x7100_0000 + (process.pid % 0xff_0000);
  const workspace = options.workspace ?? folderFor(as);
  const state = join(folderFor(as), 'run');
  mkdirSync(state, { mode: 0o755 });
  const [upper, work] = ['upper', 'work'].map((name) => {
    const path = join(state, name);
    mkdirSync(path);
    chownSync(
      path,
      uid === 0 ? unprivileged : uid,
      uid === 0 ? unprivileged : uid === process.getuid?.() ? (process.getgid?.() ?? uid) : uid,
    );
    return path;
  }) as [string, string];
  const marker = join(state, 'marker');
  writeFileSync(marker, '');
  const groups =
    (options.cgroups ?? true) && isRoot && as === 'self'
      ? createGroups(detectCgroups(), `native-${process.pid}-${made++}`, {
          memory: contract.compute.memory.max,
          cpus: contract.compute.cpus.max,
        }).groups
      : [];
  const compiled = compilePlan({
    contract,
    base: workspace,
    command,
    cwd: workspace,
    run: 'native',
    folders: { upper, work, marker },
    host: {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      uid,
      gid: as === 'self' ? (process.getgid?.() ?? -1) : uid,
      home: folderFor(as),
      user: 'tester',
    },
    unprivileged,
    processors: 2,
    groups: { limits: {}, folders: groups },
    pidfdThread: true,
    probeInterval: options.probeInterval ?? 10_000,
  });
  if (!compiled.ok) throw new Error(compiled.problem);
  const replaced = new Set(options.plan?.map(([name]) => name));
  const plan = [
    ...compiled.plan.filter(([name]) => !replaced.has(name) && name !== 'end'),
    ...(options.plan ?? []),
    ['end'] as PlanOp,
  ];
  return { plan, groups: groups.map(({ path }) => path), upper, workspace };
}

export type Of<Kind extends SupervisorEvent['ev']> = Extract<SupervisorEvent, { ev: Kind }>;
export interface Exit {
  code: number | null;
  signal: string | null;
}

export class Cell {
  readonly events: SupervisorEvent[] = [];
  readonly child: ChildProcess;
  readonly upper: string;
  readonly workspace: string;
  stdout = '';
  stderr = '';
  exit: Exit | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(child: ChildProcess, prepared: Prepared, go: boolean) {
    this.child = child;
    this.upper = prepared.upper;
    this.workspace = prepared.workspace;
    child.stdout?.on('data', (data) => {
      this.stdout += data;
      this.#wake();
    });
    child.stderr?.on('data', (data) => {
      this.stderr += data;
      this.#wake();
    });
    child.on('message', (event: SupervisorEvent) => {
      this.events.push(event);
      if (event.ev === 'ready' && go) this.send('go');
      this.#wake();
    });
    child.on('close', (code, signal) => {
      this.exit = { code, signal };
      void removeGroups(prepared.groups).then(() => this.#wake());
    });
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  send(command: ControllerCommand | 'go'): void {
    if (this.child.connected) this.child.send(command, () => {});
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
        fail(
          new Error(
            `no ${what} within ${milliseconds} ms; stderr: ${this.stderr}; last events: ${last.join('\n')}`,
          ),
        );
      }, milliseconds);
      const poll = setInterval(look, 10);
      const finish = () => {
        clearTimeout(timer);
        clearInterval(poll);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  all<Kind extends SupervisorEvent['ev']>(kind: Kind): Of<Kind>[] {
    return this.events.filter((event): event is Of<Kind> => event.ev === kind);
  }

  event<Kind extends SupervisorEvent['ev']>(kind: Kind, milliseconds?: number): Promise<Of<Kind>> {
    return this.until(kind, () => this.all(kind)[0], milliseconds);
  }

  /** The end of the run: how the program ended, and how the launcher itself exited. */
  async end(milliseconds = 20_000): Promise<{ done: Of<'done'> | undefined; exit: Exit }> {
    const exit = await this.until('exit', () => this.exit, milliseconds);
    return { done: this.all('done')[0], exit };
  }
}

export function launch(prepared: Prepared, options: CellOptions = {}): Cell {
  const as = options.as ?? 'self';
  const child = spawn(launcherPath(options.build ?? 'ringfence-cell'), ['run'], {
    cwd: '/',
    stdio: [options.stdin ?? 'ignore', options.stdout ?? 'pipe', options.stderr ?? 'pipe', 'ipc', 'pipe'],
    env: options.env ?? {},
    ...(as === 'ordinary' && { uid: NOBODY, gid: NOBODY }),
  });
  const plan = child.stdio[4] as Writable;
  plan.on('error', () => {}); // the launcher died first; its exit tells
  plan.end(encodePlan(prepared.plan));
  return new Cell(child, prepared, options.go ?? true);
}

/** A cell with a program in it. */
export const startCell = (command: readonly string[], options: CellOptions = {}): Cell =>
  launch(prepare(command, options), options);

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
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

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((done) => setTimeout(done, milliseconds));
