/**
 * Runs a job in namespaces of its own, by the launcher's `stage`.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Contract } from '../../../contract/index.ts';
import type { Scratch } from './scratch.ts';
import type { Job, Listening, Result } from './types.ts';

/** Milliseconds for one part of a recipe, and for all. */
export const WITHIN = 30_000;
export const ALL_WITHIN = 180_000;

export interface Programs {
  /** The native launcher. */
  readonly launcher: string;
  /** Words that start the program inside the namespaces. */
  readonly inside: readonly string[];
  /** Words that start `ringfence`. */
  readonly ringfence: readonly string[];
}

export interface Performing {
  readonly contract: Contract;
  readonly programs: Programs;
  /** Called with each process, so that a signal can end it. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs the job in namespaces of its own; what it says is its results, and why there are none. */
export async function perform(
  { contract, programs, onStart }: Performing,
  job: Job,
  scratch: Scratch,
): Promise<{ results: Map<string, Result>; problem: string }> {
  const file = join(scratch.root, 'job.json');
  writeFileSync(file, JSON.stringify(job), { mode: 0o600 });
  mkdirSync(join(scratch.root, 'runtime'), { mode: 0o700 });
  const child = spawn(
    programs.launcher,
    ['stage', addressesOf(contract), scratch.root, ...programs.inside, file],
    {
      cwd: scratch.root,
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onStart?.(child);
  let [out, problem] = ['', ''];
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    if (problem.length < 2000) problem += data.toString();
  });
  const timer = setTimeout(() => child.kill('SIGTERM'), ALL_WITHIN);
  await new Promise<void>((done) => {
    child.on('error', (error) => {
      problem += error.message;
      done();
    });
    child.on('close', () => done());
  });
  clearTimeout(timer);
  const results = out
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Result);
  return { results: new Map(results.map((result) => [result.id, result])), problem };
}

/** What finds programs, and nothing else of the caller's: keys, agents' sockets and settings of Node's stay outside. */
const plainEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'RUSTUP_HOME', 'LANG'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Addresses of the contract's own, which the replay's loopback has, too. */
function addressesOf({ network, resolve }: Contract): string {
  const written = [...network.map(({ host }) => host), ...Object.values(resolve).flat()];
  return [...new Set(['127.0.0.1', ...written.filter((each) => isIP(each) !== 0)])].join(',');
}

/** Where the contract's hosts listen. */
export function listeningOf({ network }: Contract): Listening[] {
  const all = new Map<string, Listening>();
  for (const { port, protocol } of network) {
    const transport = protocol === 'udp' ? 'udp' : 'tcp';
    all.set(`${transport}:${port}`, { port, transport });
  }
  return [...all.values()];
}
