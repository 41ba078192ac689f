/**
 * Making the groups of a run and setting its limits; each limit is `hard` when the kernel took it, else `supervised`.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CgroupSupport, CONTROLLERS, type Controller } from './detect.ts';
import { type GroupOwner, groupName, groupOwner } from './names.ts';

export interface GroupLimits {
  /** bytes of memory, swap included */
  memory?: number;
  /** processes and threads */
  processes?: number;
  /** processors' worth of time, such as 1.5 */
  cpus?: number;
}

/** A group of the run. `freeze`: a version 2 group with cgroup.freeze and cgroup.kill; `limit`: version 1. */
export interface Group {
  path: string;
  role: 'freeze' | 'limit';
  controllers: Controller[];
}

export type LimitState =
  | { state: 'hard'; how: string }
  /** the kernel does not hold it here; somebody has to watch */
  | { state: 'supervised'; why: string };

export interface RunGroups {
  groups: Group[];
  /** one for each limit asked for */
  limits: Partial<Record<keyof GroupLimits, LimitState>>;
  /** cgroup.freeze and cgroup.kill (Linux ≥ 5.2, ≥ 5.14) are there */
  freeze: boolean;
  kill: boolean;
}

const PERIOD_US = 100_000;
/** The kernel's least quota, kernel/sched/core.c: 1 ms. */
const LEAST_QUOTA_US = 1000;

type Setting = readonly [file: string, value: string, need: 'needed' | 'if there'];

/** The files of a limit, in the order in which they have to be written. */
function settings(limit: keyof GroupLimits, value: number, version: 1 | 2): readonly Setting[] {
  const quota = Math.max(LEAST_QUOTA_US, Math.round(value * PERIOD_US));
  const whole = String(Math.max(1, Math.floor(value)));
  switch (limit) {
    case 'memory':
      return version === 2
        ? [
            ['memory.max', whole, 'needed'],
            ['memory.swap.max', '0', 'if there'],
            ['memory.oom.group', '1', 'if there'],
          ]
        : [
            ['memory.limit_in_bytes', whole, 'needed'],
            ['memory.memsw.limit_in_bytes', whole, 'if there'],
            ['memory.swappiness', '0', 'if there'],
          ];
    case 'processes':
      return [['pids.max', whole, 'needed']];
    case 'cpus':
      return version === 2
        ? [['cpu.max', `${quota} ${PERIOD_US}`, 'needed']]
        : [
            ['cpu.cfs_period_us', String(PERIOD_US), 'needed'],
            ['cpu.cfs_quota_us', String(quota), 'needed'],
          ];
  }
}

const CONTROLLER_OF = { memory: 'memory', processes: 'pids', cpus: 'cpu' } as const;

function errorText(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function setLimit(group: Group, limit: keyof GroupLimits, value: number): LimitState {
  const version = group.role === 'freeze' ? 2 : 1;
  const written: string[] = [];
  for (const [file, text, need] of settings(limit, value, version)) {
    const path = join(group.path, file);
    if (need === 'if there' && !existsSync(path)) continue;
    try {
      writeFileSync(path, text);
      written.push(file);
    } catch (error) {
      if (need === 'if there') continue;
      return { state: 'supervised', why: `writing ${text} to ${file} failed: ${errorText(error)}` };
    }
  }
  const swap = limit === 'memory' && !written.some((file) => /swap\.max|memsw/.test(file)) && hasSwap();
  return {
    state: 'hard',
    how: `cgroup v${version} ${written.join(', ')}${swap ? '; swap is not counted' : ''}`,
  };
}

function hasSwap(): boolean {
  try {
    return !/^SwapTotal:\s+0 kB$/m.test(readFileSync('/proc/meminfo', 'utf8'));
  } catch {
    return true;
  }
}

/** Folders to make, and what each is for; version 1 controllers that are mounted together share one. */
function wantedGroups(support: CgroupSupport, limits: GroupLimits, name: string): Group[] {
  const groups: Group[] = [];
  if (support.unified) {
    const { parent, controllers } = support.unified;
    groups.push({ path: join(parent, name), role: 'freeze', controllers });
  }
  const wanted = new Set<Controller>(['cpuacct']);
  for (const limit of ['memory', 'processes', 'cpus'] as const) {
    if (limits[limit] !== undefined) wanted.add(CONTROLLER_OF[limit]);
  }
  for (const controller of CONTROLLERS) {
    const parent = support.legacy[controller];
    if (parent === undefined || !wanted.has(controller)) continue;
    const path = join(parent, name);
    const shared = groups.find((group) => group.path === path);
    if (shared) shared.controllers.push(controller);
    else groups.push({ path, role: 'limit', controllers: [controller] });
  }
  return groups;
}

/**
 * Make the groups of a run and set its limits. Never fails: what cannot be had is `supervised`, with the reason.
 *
 * @param run part of the groups' names: letters, digits, `.`, `_`, `-`
 */
export function createGroups(
  support: CgroupSupport,
  run: string,
  limits: GroupLimits,
  owner: GroupOwner = groupOwner(),
): RunGroups {
  const problems = [...support.missing];
  const groups = wantedGroups(support, limits, groupName(run, owner)).filter(({ path }) => {
    try {
      mkdirSync(path);
      return true;
    } catch (error) {
      problems.push(`making ${path} failed: ${errorText(error)}`);
      return false;
    }
  });

  const states: RunGroups['limits'] = {};
  for (const limit of ['memory', 'processes', 'cpus'] as const) {
    const value = limits[limit];
    if (value === undefined) continue;
    const group = groups.find(({ controllers }) => controllers.includes(CONTROLLER_OF[limit]));
    const why = problems.filter((problem) => problem.includes(CONTROLLER_OF[limit])).join('; ');
    states[limit] = group
      ? setLimit(group, limit, value)
      : {
          state: 'supervised',
          why: why || problems.join('; ') || `there is no ${CONTROLLER_OF[limit]} controller`,
        };
  }

  // a version 1 group that holds no limit and counts nothing is of no use
  const used = groups.filter((group) => {
    const holds = (['memory', 'processes', 'cpus'] as const).some(
      (limit) => states[limit]?.state === 'hard' && group.controllers.includes(CONTROLLER_OF[limit]),
    );
    if (group.role === 'freeze' || holds || group.controllers.includes('cpuacct')) return true;
    rmdirSync(group.path);
    return false;
  });
  const unified = used.find(({ role }) => role === 'freeze')?.path;
  return {
    groups: used,
    limits: states,
    freeze: unified !== undefined && existsSync(join(unified, 'cgroup.freeze')),
    kill: unified !== undefined && existsSync(join(unified, 'cgroup.kill')),
  };
}
