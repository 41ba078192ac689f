/**
 * Who runs the tests: whoever started them and, when that is root, an ordinary user too.
 *
 * @module
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface Person {
  name: string;
  /** words before a command that make it this person's */
  prefix: string[];
  /** kernel ids; `undefined`: as the test itself */
  ids: { uid: number; gid: number } | undefined;
  /** the program, where this person can execute it */
  ringfence: string;
  /** Node, likewise */
  node: string;
}

const REPOSITORY = resolve(import.meta.dirname, '../..');
/** An id that no account of the machine is likely to have: no entry in passwd(5) is needed to run a cell. */
const ORDINARY = 60_101;

const isRoot = (): boolean => process.getuid?.() === 0;

/** Whether somebody else may go through every folder on the way. */
function othersReach(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** The program in place, or a copy that everybody can execute. Copies are below `scratch`. */
function reachable(scratch: string): Pick<Person, 'ringfence' | 'node'> {
  if (othersReach(join(REPOSITORY, 'dist')) && othersReach(dirname(process.execPath)))
    return { ringfence: join(REPOSITORY, 'ringfence'), node: process.execPath };
  const stage = join(scratch, 'stage');
  const runtime = join(stage, 'node_modules', `node-linux-${process.arch}`, 'bin');
  mkdirSync(runtime, { recursive: true });
  for (const name of ['ringfence', 'dist', 'package.json'])
    cpSync(join(REPOSITORY, name), join(stage, name), { recursive: true });
  cpSync(process.execPath, join(runtime, 'node'));
  return { ringfence: join(stage, 'ringfence'), node: join(runtime, 'node') };
}

/** @param scratch a folder that others can enter */
export function people(scratch: string): Person[] {
  if (!existsSync(join(REPOSITORY, 'dist/cli.js'))) throw new Error('not built: run npm run setup first');
  const self: Person = {
    name: isRoot() ? 'root' : 'an ordinary user',
    prefix: [],
    ids: undefined,
    ringfence: join(REPOSITORY, 'ringfence'),
    node: process.execPath,
  };
  if (!isRoot()) return [self];
  const id = String(ORDINARY);
  const ordinary: Person = {
    name: 'an ordinary user',
    prefix: ['setpriv', `--reuid=${id}`, `--regid=${id}`, '--clear-groups', '--'],
    ids: { uid: ORDINARY, gid: ORDINARY },
    ...reachable(scratch),
  };
  return [self, ordinary];
}

/** Parent of every process that can be seen. */
function parents(): { pid: number; parent: number }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // proc_pid_stat(5): the fourth field, after a command in brackets that may hold anything
      return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
    } catch {
      return []; // it has just ended
    }
  });
}

/** Every process below this one. */
export function descendantsOf(pid: number): number[] {
  const all = parents();
  const below = (id: number): number[] =>
    all.filter(({ parent }) => parent === id).flatMap((found) => [found.pid, ...below(found.pid)]);
  return below(pid);
}

/** Command line of a process; empty for one that has ended. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Waits until the condition holds. */
export async function until(what: string, condition: () => boolean, withinMs = 5000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
