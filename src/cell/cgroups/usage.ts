/**
 * What the processes of a run's groups use.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Group } from './create.ts';
import type { Controller } from './detect.ts';

export interface GroupUsage {
  /** processor time of all processes, ended ones included, in milliseconds */
  cpu?: number;
  /** bytes, page cache included */
  memory?: number;
  /** processes and threads */
  processes?: number;
}

function readNumber(folder: string | undefined, file: string, pattern = /^(\d+)/): number | undefined {
  if (folder === undefined) return undefined;
  try {
    const digits = pattern.exec(readFileSync(join(folder, file), 'utf8'))?.[1];
    return digits === undefined ? undefined : Number(digits);
  } catch {
    return undefined;
  }
}

const scaled = (value: number | undefined, divisor: number) =>
  value === undefined ? undefined : value / divisor;

/** Read the counters of a run's groups; what no group counts is absent. */
export function readUsage(groups: readonly Group[]): GroupUsage {
  const folder = (controller: Controller, role: Group['role']) =>
    groups.find((group) => group.role === role && group.controllers.includes(controller))?.path;
  // cpu.stat's usage is there in version 2 without any controller
  const unified = groups.find(({ role }) => role === 'freeze')?.path;
  const cpu =
    scaled(readNumber(folder('cpuacct', 'limit'), 'cpuacct.usage'), 1e6) ??
    scaled(readNumber(unified, 'cpu.stat', /^usage_usec (\d+)/m), 1e3);
  const memory =
    readNumber(folder('memory', 'freeze'), 'memory.current') ??
    readNumber(folder('memory', 'limit'), 'memory.usage_in_bytes');
  const processes = readNumber(folder('pids', 'freeze') ?? folder('pids', 'limit'), 'pids.current');
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(processes === undefined ? {} : { processes }),
  };
}
