/**
 * `compute` → what the kernel enforces and what is only supervised, on this machine.
 *
 * @module
 */
import type { Contract, PlanOp } from '../../contract/index.ts';

export interface AppliedLimit {
  max: number;
  by: 'hard' | 'supervised';
  /** what enforces it, and for supervision its period */
  how: string;
}

/** What the control groups made for this run enforce: limit → how. */
export type GroupLimits = Partial<Record<'cpus' | 'memory' | 'processes', string>>;

export type Limits =
  | { ok: true; operations: PlanOp[]; applied: Record<string, AppliedLimit>; affinity: boolean }
  | { ok: false; field: string; problem: string; hint: string };

/** Milliseconds between two looks at what the cell uses. */
export const SAMPLING_PERIOD = 250;

/** The processes of ours that live in the cell count against its limit, too: init and warden. */
const OWN_PROCESSES = 2;

export function applyLimits(contract: Contract, groups: GroupLimits, processors: number): Limits {
  const { compute } = contract;
  const applied: Record<string, AppliedLimit> = {};
  const operations: PlanOp[] = [];
  const supervised = `sampled every ${SAMPLING_PERIOD} ms, then killed`;

  const affinity = groups.cpus === undefined && compute.cpus.max < processors;
  if (affinity && !Number.isInteger(compute.cpus.max)) {
    return {
      ok: false,
      field: 'compute.cpus',
      problem: `${compute.cpus.max} CPUs need a control group, and none can be made here`,
      hint: `write ${Math.max(1, Math.floor(compute.cpus.max))}, or run where control groups are delegated (ringfence doctor)`,
    };
  }
  if (affinity) operations.push(['affinity', `0-${compute.cpus.max - 1}`]);
  applied.cpus = {
    max: compute.cpus.max,
    by: 'hard',
    how:
      groups.cpus ??
      (affinity ? 'CPU affinity, and no system call to change it' : `all ${processors} there are`),
  };

  applied.memory = groups.memory
    ? { max: compute.memory.max, by: 'hard', how: groups.memory }
    : {
        max: compute.memory.max,
        by: 'supervised',
        how: `sum of private memory and temporary files ${supervised}; RLIMIT_DATA per process`,
      };
  applied.processes = { max: compute.processes.max, by: 'hard', how: 'RLIMIT_NPROC of the cell’s user' };
  applied.time = {
    max: compute.time.max,
    by: 'hard',
    how: 'timer of the supervisor, kill by process namespace',
  };
  applied['cpu-time'] = {
    max: compute['cpu-time'].max,
    by: 'supervised',
    how: `CPU time of all processes ${supervised}; RLIMIT_CPU per process`,
  };
  applied.disk = {
    max: compute.disk.max,
    by: 'supervised',
    how: `workspace ${supervised.replace(/,.*/, ' or slower where it is large, then killed')}; RLIMIT_FSIZE per file; home and temporary folders hard by their size`,
  };
  for (const [name, limit] of Object.entries(applied)) {
    const wanted = compute[name as keyof typeof compute];
    if (typeof wanted === 'object' && wanted.hard && limit.by === 'supervised') {
      return {
        ok: false,
        field: `compute.${name}`,
        problem: `${name} is \`hard\`, and here it can only be supervised (${limit.how})`,
        hint:
          name === 'memory'
            ? 'run where a memory control group can be made (ringfence doctor), or drop `hard`'
            : 'drop `hard`',
      };
    }
  }

  const cpuSeconds = String(Math.ceil(compute['cpu-time'].max / 1000) + 1);
  operations.push(
    [
      'rlimit',
      'nproc',
      String(compute.processes.max + OWN_PROCESSES),
      String(compute.processes.max + OWN_PROCESSES),
    ],
    ['rlimit', 'data', String(compute.memory.max), String(compute.memory.max)],
    ['rlimit', 'fsize', String(compute.disk.max), String(compute.disk.max)],
    ['rlimit', 'cpu', cpuSeconds, cpuSeconds],
    ['rlimit', 'core', '0', '0'],
    ['rlimit', 'memlock', String(8 * 2 ** 20), String(8 * 2 ** 20)],
    ['rlimit', 'nofile', '65536', '65536'],
    ['time', String(compute.time.max)],
    [
      'supervise',
      String(compute['cpu-time'].max),
      groups.memory ? '-' : String(compute.memory.max),
      String(compute.disk.max),
      String(SAMPLING_PERIOD),
    ],
  );
  return { ok: true, operations, applied, affinity };
}
