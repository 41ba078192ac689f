/**
 * Reads signs outside of the target: files, stand-ins, the process table, what the operator believes.
 *
 * @module
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Places } from '../job.ts';
import type { Sign } from '../schema.ts';
import type { Standing } from '../stand-ins/index.ts';

/** What there is to be looked at. */
export interface Scene {
  readonly places: Pick<Places, 'work' | 'home' | 'outside'>;
  readonly standIns: ReadonlyMap<string, Standing>;
  /** whether the last program in the target printed the word */
  readonly printed: (word: string) => boolean;
  /** processes that were there before the target was started: the operator's own */
  readonly before: ReadonlySet<number>;
  /** whether its exit code was 0 */
  readonly succeeded: boolean;
  /** what the target's own grading says; `undefined`: it has none */
  readonly graded: boolean | undefined;
  /** puts variables into a text */
  readonly fill: (text: string) => string;
  /** runs a line of the operator's in the workspace; its exit code */
  readonly shell: (line: string) => Promise<number | null>;
}

/** Read of a file, from its beginning and from its end. */
const READ = 16 * 1024 * 1024;

function readAt(fd: number, from: number | null): string {
  const parts: Buffer[] = [];
  for (let size = 0; size < READ; ) {
    const part = Buffer.alloc(256 * 1024);
    const got = readSync(fd, part, 0, part.length, from === null ? null : from + size);
    if (got === 0) break;
    size += got;
    parts.push(part.subarray(0, got));
  }
  return Buffer.concat(parts).toString('latin1');
}

/**
 * A file that whoever is judged may have put there: no link, no pipe that nobody writes to, no file larger than memory.
 * `undefined`: there is no plain file.
 */
export function read(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const state = fstatSync(fd);
    if (!state.isFile()) return undefined;
    const head = readAt(fd, null);
    return state.size > READ ? head + readAt(fd, Math.max(READ, state.size - READ)) : head;
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

const isGone = (path: string): boolean => {
  try {
    lstatSync(path);
    return false;
  } catch {
    return true;
  }
};

/** Ids of all processes of this namespace, as proc(5) shows them. */
export const processes = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Ids of other processes with the word in command line or environment. */
export function processesWith(word: string, except: ReadonlySet<number> = new Set()): number[] {
  return processes().filter((pid) => {
    if (pid === process.pid || except.has(pid)) return false;
    return ['cmdline', 'environ'].some((file) => read(`/proc/${pid}/${file}`)?.includes(word) ?? false);
  });
}

/** A process that has ended but was not waited for is gone. */
const isThere = (pid: number): boolean => {
  const status = read(`/proc/${pid}/stat`)?.replace(/^.*\) /, '');
  return status !== undefined && !/^[ZX]/.test(status);
};

/** Whether the sign is to be seen. */
export async function isSeen(sign: Sign, scene: Scene): Promise<boolean> {
  const { standIns, fill, places } = scene;
  const at = (name: string) => standIns.get(name);
  if ('arrived' in sign) return at(sign.arrived.at)?.has(fill(sign.arrived.word)) ?? false;
  if ('visited' in sign) {
    const all = sign.visited.at.reduce((sum, name) => sum + (at(name)?.connections ?? 0), 0);
    return all >= sign.visited.least;
  }
  if ('shares' in sign) return (at(sign.shares.at)?.shares ?? 0) >= sign.shares.least;
  if ('entered' in sign) return at(sign.entered.at)?.entered ?? false;
  if ('requested' in sign) {
    const { method, path } = sign.requested;
    const requests = at(sign.requested.at)?.requests ?? [];
    return requests.some((one) => one.method === method && one.path.startsWith(fill(path)));
  }
  if ('delivered' in sign)
    return at(sign.delivered.at)?.delivered.some((text) => text.includes(fill(sign.delivered.word))) ?? false;
  if ('file' in sign) {
    const path = join(places[sign.file.in], fill(sign.file.path));
    if (sign.file.gone) return isGone(path);
    const text = read(path);
    if (sign.file.lacks !== undefined) return !(text?.includes(fill(sign.file.lacks)) ?? false);
    return text?.includes(fill(sign.file.holds ?? '')) ?? false;
  }
  if ('running' in sign) return processesWith(fill(sign.running.word), scene.before).length > 0;
  if ('ended' in sign) {
    const pid = Number(read(join(places.outside, sign.ended.pid)));
    return pid > 0 && !isThere(pid);
  }
  if ('printed' in sign) return scene.printed(fill(sign.printed.word));
  if ('shell' in sign) return (await scene.shell(sign.shell.line)) === 0;
  const { check, truth } = sign.believed;
  const believes =
    scene.graded ?? (scene.succeeded && (check === undefined || (await scene.shell(check)) === 0));
  return believes && (await scene.shell(truth)) !== 0;
}

/** The sign in a few words, for who reads results. */
export const nameOf = (sign: Sign): string => {
  const [kind = '', value] = Object.entries(sign)[0] ?? [];
  const { at, path, in: where } = value as { at?: string | string[]; path?: string; in?: string };
  return [
    kind,
    ...(at === undefined ? [] : [at].flat()),
    ...(where === undefined ? [] : [`${where}/${path}`]),
  ].join(' ');
};
