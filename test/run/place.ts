/**
 * A scratch home with a project in it, and `ringfence run` as a person starts it there: as the user who runs the tests
 * and, where that is root, as an ordinary user too.
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
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { RunRecord } from '../../src/cli/wiring/record.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'ringfence');
/** An id that no account of the machine is likely to have. */
export const ORDINARY_USER = 60_102;

export type Identity = 'root' | 'user';
const isRoot = process.getuid?.() === 0;

/** Whom the tests can be; a reason is printed where root has no ordinary user to be. */
export function identities(): Identity[] {
  if (!existsSync(join(ROOT, 'dist/cli.js')))
    throw new Error('Ringfence is not built: run npm run setup first');
  if (!isRoot) return ['user'];
  try {
    execFileSync(PROGRAM, ['version'], {
      uid: ORDINARY_USER,
      gid: ORDINARY_USER,
      cwd: '/',
      env: { PATH: process.env.PATH, HOME: '/' },
      stdio: 'ignore',
    });
    return ['root', 'user'];
  } catch (error) {
    if (process.env.CI) throw new Error('an ordinary user cannot start this checkout', { cause: error });
    console.log(`only as root: an ordinary user cannot start the checkout in ${ROOT}`);
    return ['root'];
  }
}

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** milliseconds */
  took: number;
}

export interface Options {
  /** contract below its first two lines, YAML */
  contract?: string;
  env?: Record<string, string>;
  input?: string | Buffer;
  cwd?: string;
  /** words before the command: a wrapper such as unshare */
  before?: string[];
  /** options of `run` */
  options?: string[];
  /** seconds; a run that takes longer is killed and fails the test */
  within?: number;
}

export class Place {
  readonly identity: Identity;
  readonly root: string;
  readonly home: string;
  readonly project: string;
  readonly state: string;
  readonly record: string;
  readonly #running = new Set<number>();

  constructor(identity: Identity) {
    this.identity = identity;
    this.root = mkdtempSync(join(tmpdir(), 'ringfence-run-'));
    chmodSync(this.root, 0o755);
    this.home = this.folder('home');
    this.project = this.folder('home/project');
    this.state = this.folder('state');
    this.folder('runtime', 0o700);
    this.record = join(this.folder('records'), 'record.json');
  }

  get dropped(): boolean {
    return isRoot && this.identity === 'user';
  }

  own(path: string): string {
    if (this.dropped) chownSync(path, ORDINARY_USER, ORDINARY_USER);
    return path;
  }

  folder(name: string, mode = 0o755): string {
    const path = join(this.root, name);
    mkdirSync(path, { recursive: true });
    chmodSync(path, mode);
    return this.own(path);
  }

  /** Writes a file of the project (or an absolute one), folders included. */
  file(name: string, text: string | Buffer, mode = 0o644): string {
    const path = resolve(this.project, name);
    const missing: string[] = [];
    for (let folder = dirname(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
    for (const folder of missing) {
      mkdirSync(folder);
      this.own(folder);
    }
    writeFileSync(path, text);
    chmodSync(path, mode);
    return this.own(path);
  }

  read(name: string): string {
    return readFileSync(resolve(this.project, name), 'utf8');
  }

  /** The record of the last run with `record: true`. */
  lastRecord(): RunRecord {
    return JSON.parse(readFileSync(this.record, 'utf8')) as RunRecord;
  }

  environment(extra: Record<string, string> = {}): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: this.home,
      USER: this.identity === 'root' ? 'root' : 'somebody',
      LANG: 'C.UTF-8',
      XDG_STATE_HOME: this.state,
      XDG_RUNTIME_DIR: join(this.root, 'runtime'),
      ...extra,
    };
  }

  /** The words that start a program as the place's user. */
  asUser(words: string[]): string[] {
    if (!this.dropped) return words;
    const id = `${ORDINARY_USER}`;
    return ['setpriv', '--reuid', id, '--regid', id, '--clear-groups', '--', ...words];
  }

  /** Starts any program as the place's user; its output is collected. */
  start(
    words: string[],
    { env, cwd, within = 30, input }: Options = {},
  ): { child: ChildProcess; result: Promise<Result> } {
    const [program = '', ...rest] = this.asUser(words);
    const begin = performance.now();
    const child = spawn(program, rest, {
      cwd: cwd ?? this.project,
      env: this.environment(env),
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) {
      this.#running.add(pid);
      child.on('exit', () => this.#running.delete(pid));
    }
    child.stdin?.on('error', () => {}); // who does not read it has no use for it
    child.stdin?.end(input);
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (data: Buffer) => {
      stdout += data.toString('latin1');
    });
    child.stderr?.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    const result = new Promise<Result>((done, reject) => {
      const deadline = setTimeout(() => {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
        reject(new Error(`${words.join(' ')} was not done within ${within} s\n${stdout}\n${stderr}`));
      }, within * 1000);
      child.on('error', reject);
      child.on('close', (code, signal) => {
        clearTimeout(deadline);
        done({ code, signal, stdout, stderr, took: performance.now() - begin });
      });
    });
    result.catch(() => {}); // looked at where it is awaited
    return { child, result };
  }

  /** `ringfence ARGS`. */
  command(...args: string[]): Promise<Result> {
    return this.start([PROGRAM, ...args]).result;
  }

  /** The words of `ringfence run … -- COMMAND` under a contract that is written for it. */
  runWords(command: string[], { contract = '', options = [], before = [] }: Options = {}): string[] {
    const path = this.file(
      join(this.root, 'records/contract.yaml'),
      `ringfence: 1\nname: t\n${defaults(contract)}`,
    );
    return [
      ...before,
      PROGRAM,
      'run',
      '--contract',
      path,
      '--json',
      this.record,
      ...options,
      '--',
      ...command,
    ];
  }

  run(command: string[], options: Options = {}): Promise<Result> {
    return this.start(this.runWords(command, options), options).result;
  }

  /** Ends what a failed test left running, and removes everything. */
  remove(): void {
    for (const pid of this.#running) process.kill(-pid, 'SIGKILL'); // cells die with their parent
    // an overlay that nobody took down leaves a folder of mode 000; what a run that ends removes meanwhile is no matter
    spawnSync('chmod', ['-R', 'u+rwX', this.root], { stdio: 'ignore' });
    rmSync(this.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }); // a run that ends still writes
  }
}

/** The workspace is the project beside the contract, not the contract's own folder. */
const defaults = (contract: string): string =>
  /^files:/m.test(contract) ? contract : `${contract}\nfiles: { workspace: ../home/project }\n`;
