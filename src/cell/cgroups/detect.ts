/**
 * Which control groups this process may make: version 2 where it is delegated to us, version 1 controllers where they
 * are mounted beside it (hybrid), or none.
 *
 * Sources: Documentation/admin-guide/cgroup-v2.rst ("Delegation", "No Internal Process Constraint"), cgroups(7), proc_pid_mountinfo(5).
 *
 * @module
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Controllers that limits rest on. */
export const CONTROLLERS = ['memory', 'pids', 'cpu', 'cpuacct'] as const;
export type Controller = (typeof CONTROLLERS)[number];

export interface CgroupSupport {
  /** version 2: the group in which ours are made, and what a group there offers */
  unified?: { parent: string; controllers: Controller[]; freeze: boolean; kill: boolean };
  /** version 1: controller → the group in which ours are made */
  legacy: Partial<Record<Controller, string>>;
  /** why something is missing, a sentence each */
  missing: string[];
}

/** The texts and tests that detection rests on; tests pass their own. */
export interface CgroupFacts {
  /** /proc/self/mountinfo */
  mountinfo: string;
  /** /proc/self/cgroup */
  cgroup: string;
  /** content of a file, undefined where it cannot be read */
  read: (path: string) => string | undefined;
  writable: (path: string) => boolean;
}

export function cgroupFacts(): CgroupFacts {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  };
  const writable = (path: string) => {
    try {
      accessSync(path, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  };
  return {
    mountinfo: read('/proc/self/mountinfo') ?? '',
    cgroup: read('/proc/self/cgroup') ?? '',
    read,
    writable,
  };
}

interface Mount {
  point: string;
  /** the part of the hierarchy that is mounted */
  root: string;
  version: 1 | 2;
  controllers: string[];
}

/** mountinfo escapes space, tab, newline and backslash as octal. */
const unescapeMount = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

function cgroupMounts(mountinfo: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of mountinfo.split('\n')) {
    const [left, right] = line.split(' - ');
    const [, , , root, point] = left?.split(' ') ?? [];
    const [type, , options] = right?.split(' ') ?? [];
    if (!root || !point || (type !== 'cgroup' && type !== 'cgroup2')) continue;
    mounts.push({
      point: unescapeMount(point),
      root: unescapeMount(root),
      version: type === 'cgroup2' ? 2 : 1,
      controllers: options?.split(',') ?? [],
    });
  }
  return mounts;
}

/** Controllers → own path: lines `id:controllers:path`; version 2 has no controllers there. */
function ownPaths(cgroup: string): Map<string, string> {
  const paths = new Map<string, string>();
  for (const line of cgroup.split('\n')) {
    const [, names, ...path] = line.split(':');
    for (const name of names?.split(',') ?? []) paths.set(name, path.join(':'));
  }
  return paths;
}

/** The folder of our own group, where the mount shows it. */
function ownFolder(mount: Mount, own: string | undefined): string | undefined {
  if (own === undefined || own.includes('/../') || own.endsWith('/..')) return undefined;
  const below = mount.root === '/' ? own : own === mount.root ? '/' : undefined;
  const relative = below ?? (own.startsWith(`${mount.root}/`) ? own.slice(mount.root.length) : undefined);
  if (relative === undefined) return undefined;
  return relative === '/' ? mount.point : `${mount.point}${relative}`;
}

const words = (text: string | undefined) => text?.trim().split(/\s+/) ?? [];

/**
 * Version 2: among our group and its ancestors, the one whose children get the most of the wanted controllers and whose
 * membership we may change (a process moves only below a common ancestor that is ours); the nearest of equals.
 */
function detectUnified(facts: CgroupFacts, mount: Mount, own: string): CgroupSupport['unified'] {
  let best: CgroupSupport['unified'];
  for (let folder = own; ; folder = dirname(folder)) {
    const ours = facts.writable(folder) && facts.writable(`${folder}/cgroup.procs`);
    const enabled = words(facts.read(`${folder}/cgroup.subtree_control`));
    const controllers = CONTROLLERS.filter((name) => enabled.includes(name));
    if (ours && (!best || controllers.length > best.controllers.length)) {
      best = { parent: folder, controllers, freeze: true, kill: true };
    }
    if (folder === mount.point || folder === '/') return best;
  }
}

/**
 * What control groups this process may use. Whether the kernel really takes a limit is known when a group is made.
 */
export function detectCgroups(facts: CgroupFacts = cgroupFacts()): CgroupSupport {
  const mounts = cgroupMounts(facts.mountinfo);
  const own = ownPaths(facts.cgroup);
  const support: CgroupSupport = { legacy: {}, missing: [] };

  const unifiedMount = mounts.find(({ version }) => version === 2);
  const unifiedOwn = unifiedMount && ownFolder(unifiedMount, own.get(''));
  if (!unifiedMount) support.missing.push('cgroup version 2 is not mounted');
  else if (!unifiedOwn)
    support.missing.push('our own group is outside of the mounted part of cgroup version 2');
  else {
    const unified = detectUnified(facts, unifiedMount, unifiedOwn);
    if (unified) support.unified = unified;
    else support.missing.push('no cgroup version 2 group that we are in is delegated to this user');
  }

  for (const controller of CONTROLLERS) {
    if (support.unified?.controllers.includes(controller)) continue;
    const mount = mounts.find(
      ({ version, controllers }) => version === 1 && controllers.includes(controller),
    );
    const folder = mount && ownFolder(mount, own.get(controller));
    if (folder && facts.writable(folder) && facts.writable(`${folder}/cgroup.procs`)) {
      support.legacy[controller] = folder;
    } else if (controller !== 'cpuacct') {
      const why = mount ? 'is version 1 and not writable' : 'is not available';
      support.missing.push(`the ${controller} controller ${why}`);
    }
  }
  return support;
}
