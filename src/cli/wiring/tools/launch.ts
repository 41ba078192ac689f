/**
 * Processes of tool servers: started outside of the agent's cell, as the operator or in a cell of their own. What they
 * say goes to the gateway, descriptor and all: nothing of it is read here.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { safe } from '../../text.ts';
import type { Launch } from './servers.ts';

export interface LaunchOptions {
  launch: Launch;
  /** how `ringfence` itself is started, for servers in cells */
  self: readonly string[];
  /** name of the run of a server in a cell */
  name: string;
  /** gets both streams each time it is started */
  onStreams: (stdin: object, stdout: object) => void;
  onGone: (why: string, again: boolean) => void;
}

/** A server that ends is started again, but not for ever. */
const MOST_STARTS = 4;
const PAUSE_MS = 500;
/** Milliseconds that it has to end by itself. */
const GRACE_MS = 2000;
const STDERR = 2000;

/** What is started for a server: itself, or the cell that it runs in. */
export function startOf({ launch, self, name }: Pick<LaunchOptions, 'launch' | 'self' | 'name'>): {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
} {
  const { command, args, env, cell } = launch;
  if (cell === undefined) return { command, args, env };
  const [program = '', ...words] = self;
  const run = ['run', '--quiet', '--name', name, '--contract', cell, '--', command, ...args];
  return { command: program, args: [...words, ...run], env: { ...process.env, ...env } };
}

/** Ends it, and whatever it started: it leads a group of its own, since wrappers such as npx have children. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  signalGroup(child, 'SIGTERM');
  const force = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
  await gone;
  clearTimeout(force);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

interface Handled {
  _handle: object | null;
}

export class ServerProcess {
  readonly #options: LaunchOptions;
  #child: ChildProcess | undefined;
  #starts = 0;
  #isOver = false;
  #pause: NodeJS.Timeout | undefined;

  constructor(options: LaunchOptions) {
    this.#options = options;
    this.#start();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#pause);
    if (this.#child) await endProcess(this.#child);
  }

  #start(): void {
    const { launch, onStreams } = this.#options;
    this.#starts += 1;
    const { command, args, env } = startOf(this.#options);
    let stderr = '';
    const child = spawn(command, args, {
      cwd: launch.cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    child.stderr.on('data', (piece: Buffer) => {
      stderr = (stderr + piece.toString()).slice(-STDERR);
    });
    child.stderr.on('error', () => {});
    child.on('error', (error: NodeJS.ErrnoException) => this.#gone(`it cannot be started: ${error.code}`));
    child.on('exit', (code, signal) => {
      const last = safe(stderr.trim().split('\n').slice(-3).join(' '));
      this.#gone(`it ended with ${signal ?? code}${last ? `: ${last}` : ''}`);
    });
    if (child.pid === undefined) return;
    const stdin = taken(child.stdin);
    const stdout = taken(child.stdout);
    if (stdin && stdout) onStreams(stdin, stdout);
  }

  #gone(why: string): void {
    if (this.#isOver) return;
    const again = this.#starts < MOST_STARTS && this.#child?.pid !== undefined;
    if (!again) this.#isOver = true;
    this.#options.onGone(why, again);
    if (again) this.#pause = setTimeout(() => this.#start(), PAUSE_MS * this.#starts);
  }
}

/** The stream's own handle, which it gives up: whoever gets the descriptor reads and writes alone. */
function taken(stream: Readable | Writable): object | undefined {
  const handled = stream as unknown as Handled;
  const handle = handled._handle;
  if (!handle) return undefined;
  handled._handle = null;
  return handle;
}
