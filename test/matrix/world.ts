/**
 * Builds the namespaces of the scratch host and runs the driver in them: network, process, mount, IPC and host name are
 * its own, so that attempts meet real listeners and victims, and nothing of the real machine is in reach of a bare run.
 *
 * @module
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LOOPBACK_ADDRESSES } from './network.ts';
import type { Result } from './run.ts';

export interface WorldOptions {
  mode: 'bare' | 'cell';
  identity: 'root' | 'user';
  /** command prefix of another sandbox; without it the cell is Ringfence's */
  template?: string;
  only?: string[];
  /** sections of a contract (YAML) that the plain contract gets besides: what {@link opensOf} reads from another one */
  opens?: string;
}

const HERE = import.meta.dirname;
const REPOSITORY = resolve(HERE, '../..');
/** An id that no account of the machine is likely to have. */
const ORDINARY_USER = 60_100;

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Compiles the attacker into `folder/attempts`. Throws with the compiler's words when there is none. */
export function compileAttacker(folder: string): string {
  const sources = readdirSync(join(HERE, 'attacker'))
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(HERE, 'attacker', name));
  const program = join(folder, 'attempts');
  try {
    execFileSync(
      'cc',
      [
        '-O1',
        '-static',
        '-pthread',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-o',
        program,
        ...sources,
        '-lutil',
        '-lrt',
      ],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        encoding: 'utf8',
      },
    );
  } catch (error) {
    throw new Error(
      `the attacker did not compile; it needs cc and a static libc (Debian: apt-get install gcc libc6-dev): ${error}`,
    );
  }
  return program;
}

/** Whether every folder on the way, and the path itself, is open to others. */
function othersReach(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

interface Tools {
  node: string;
  driver: string;
  ringfence: string;
}

/** Where an ordinary user finds node, the driver and Ringfence: in place, or copied below the scratch folder. */
function stageTools(root: string): Tools {
  const inPlace = {
    node: process.execPath,
    driver: join(HERE, 'driver.ts'),
    ringfence: join(REPOSITORY, 'ringfence'),
  };
  if (!isRoot() || (othersReach(process.execPath) && othersReach(HERE))) return inPlace;
  const stage = join(root, 'stage');
  mkdirSync(join(stage, 'node_modules/.bin'), { recursive: true });
  for (const name of ['ringfence', 'dist', 'native', 'build', 'contracts', 'package.json', 'test/matrix'])
    try {
      cpSync(join(REPOSITORY, name), join(stage, name), { recursive: true, dereference: true });
    } catch {
      // not built, or not part of this version; the driver says what it misses
    }
  cpSync(process.execPath, join(stage, 'node_modules/.bin/node'));
  return {
    node: join(stage, 'node_modules/.bin/node'),
    driver: join(stage, 'test/matrix/driver.ts'),
    ringfence: join(stage, 'ringfence'),
  };
}

/** Flags of unshare(1) for root, and for an ordinary user who first needs a user namespace that maps only themselves. */
const namespaces = (): string[] => [
  ...(isRoot() ? [] : ['--user', '--map-current-user', '--keep-caps']),
  '--mount',
  '--net',
  '--pid',
  '--ipc',
  '--uts',
  '--fork',
  '--mount-proc',
  '--kill-child=SIGKILL',
];

/** Runs one pass of the matrix in a world of its own; rejects with what the driver said when it could not. */
export async function runWorld(options: WorldOptions): Promise<Result[]> {
  if (options.identity === 'root' && !isRoot())
    throw new Error('the matrix runs as root only when root starts it');
  const root = mkdtempSync('/var/tmp/rf-matrix-');
  chmodSync(root, 0o755);
  try {
    compileAttacker(root);
    const tools = stageTools(root);
    const output = join(root, 'results.json');
    const user = options.identity === 'user' && isRoot() ? String(ORDINARY_USER) : '-';
    const child = spawn(
      'unshare',
      [
        ...namespaces(),
        'sh',
        join(HERE, 'prepare.sh'),
        root,
        user,
        tools.node,
        '--disable-warning=ExperimentalWarning',
        tools.driver,
        root,
        options.mode,
        options.identity,
        output,
        ...(options.only ?? []),
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: `${dirname(tools.node)}:${process.env.PATH}`,
          HOME: join(root, 'home'),
          MATRIX_NONCE: randomBytes(4).toString('hex'),
          MATRIX_ADDRESSES: LOOPBACK_ADDRESSES.join(' '),
          RINGFENCE_COMMAND: tools.ringfence,
          ...(options.opens !== undefined && { RINGFENCE_MATRIX_OPENS: options.opens }),
          ...(options.template !== undefined && { RINGFENCE_MATRIX_TARGET: options.template }),
        },
      },
    );
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      said += data;
    });
    child.stderr.on('data', (data: Buffer) => {
      said += data;
    });
    const exit = await new Promise<number | null>((done) => child.on('close', done));
    if (exit !== 0) throw new Error(`the matrix's scratch host ended with ${exit}: ${said.slice(-2000)}`);
    return JSON.parse(readFileSync(output, 'utf8')) as Result[];
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  }
}
