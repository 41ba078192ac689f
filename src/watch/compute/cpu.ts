/**
 * CPU time of a process as the kernel counts it, read from outside the cell.
 *
 * @module
 */
import { readFileSync } from 'node:fs';

/** Milliseconds of CPU that a process on this machine has used; `undefined`: it is no more. */
export type CpuOf = (pid: number) => number | undefined;

/** USER_HZ is 100 on every architecture that Node runs on. */
const MS_PER_TICK = 10;

/** User and system time of all its threads (proc_pid_stat(5), fields 14 and 15). */
export const cpuOf: CpuOf = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // behind a name in brackets that may hold anything, the third field comes first
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(ticks) ? ticks * MS_PER_TICK : undefined;
  } catch {
    return undefined;
  }
};
