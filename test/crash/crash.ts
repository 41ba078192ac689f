/**
 * One crash: a run is started, its processes are killed at a moment, and what is left of it is looked for.
 *
 * @module
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Place } from '../run/place.ts';

/** Which processes of ours are killed. */
export const VICTIMS = [
  'controller',
  'supervisor',
  'init',
  'warden',
  'gateway launcher',
  'gateway',
  'all',
] as const;
export type Victim = (typeof VICTIMS)[number];

interface Process {
  pid: number;
  parent: number;
  name: string;
  arguments: string;
  namespace: string;
}

function processAt(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    let namespace = '';
    try {
      namespace = readlinkSync(`/proc/${pid}/ns/pid`);
    } catch {
      // an ordinary user may not look at a process that is not dumpable
    }
    return {
      pid,
      parent: Number(fields[1]),
      name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
      arguments: readFileSync(`/proc/${pid}/cmdline`, 'latin1'),
      namespace,
    };
  } catch {
    return undefined; // it ended meanwhile
  }
}

const processes = (): Process[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => processAt(Number(pid)))
    .filter((found) => found !== undefined);

/** All descendants of a process, itself included, parents first. */
export function familyOf(root: number): Process[] {
  const all = processes();
  const family = all.filter(({ pid }) => pid === root);
  for (const member of family) family.push(...all.filter(({ parent }) => parent === member.pid));
  return family;
}

/** Processes whose arguments hold the text. */
export const processesWith = (text: string): Process[] =>
  processes().filter((found) => found.arguments.includes(text));

/**
 * The processes of a run by what they are. The supervisor's child is the cell's init, whose child is the warden; the
 * gateway's launcher has one child, the gateway.
 */
function roles(root: number): Partial<Record<Victim, Process>> & { family: Process[] } {
  const family = familyOf(root);
  const controller = family.find(({ arguments: words }) => words.includes('cli.js'));
  const childrenOf = (process: Process | undefined) => family.filter(({ parent }) => parent === process?.pid);
  const launchers = childrenOf(controller);
  const gatewayLauncher = launchers.find((launcher) =>
    childrenOf(launcher).some((child) => child.arguments.includes('gateway.js')),
  );
  const supervisor = launchers.find(
    (launcher) => launcher !== gatewayLauncher && childrenOf(launcher).length > 0,
  );
  const [init] = childrenOf(supervisor);
  const [warden] = childrenOf(init);
  const [gateway] = childrenOf(gatewayLauncher);
  return {
    family,
    ...(controller && { controller }),
    ...(supervisor && { supervisor }),
    ...(init && { init }),
    ...(warden && { warden }),
    ...(gatewayLauncher && { 'gateway launcher': gatewayLauncher }),
    ...(gateway && { gateway }),
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills; returns false where that process is not there (yet, or any more). */
export function strike(root: number, victim: Victim): boolean {
  const found = roles(root);
  if (victim === 'all') {
    // those of Ringfence, not the program's: its end is what is to be shown
    const ours = VICTIMS.map((name) => found[name]?.pid).filter((pid) => pid !== undefined);
    for (const pid of ours) kill(pid);
    return ours.length > 0;
  }
  const pid = found[victim]?.pid;
  if (pid !== undefined) kill(pid);
  return pid !== undefined;
}

/** The mounts of this namespace, but for the network namespaces that other tests name there with `ip netns`: no run does. */
export const mountsHere = (): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => !line.includes(' /run/netns'));

/** The groups of runs that there are, by path; none where there are no control groups. */
export function groupsOf(run: string): string[] {
  const found: string[] = [];
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [, , , , mount = '', , ...rest] = line.split(' ');
    if (!/ - cgroup2? /.test(` ${rest.join(' ')}`)) continue;
    const own = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
    for (const folder of new Set([mount, ...own.map((entry) => join(mount, entry.split(':')[2] ?? ''))])) {
      try {
        found.push(
          ...readdirSync(folder)
            .filter((name) => name.startsWith(`ringfence-${run}-`))
            .map((name) => join(folder, name)),
        );
      } catch {
        // that hierarchy has no such folder
      }
    }
  }
  return [...new Set(found)];
}

export const runsOf = (place: Place): string[] => {
  try {
    return readdirSync(join(place.state, 'ringfence/runs'));
  } catch {
    return [];
  }
};

/** Numbers between 0 and 1 that a seed decides: mulberry32, public domain. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const sleep = (milliseconds: number): Promise<void> => pause(milliseconds);
