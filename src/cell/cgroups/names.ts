/**
 * Names of our groups: they carry who made them, so that the groups of a dead run can be told from those of a live one.
 *
 * @module
 */
import { readFileSync, readlinkSync } from 'node:fs';

/** A process, identified for good: its id may be used again, its start time (clock ticks since boot) not with it. */
export interface GroupOwner {
  pid: number;
  startTime: string;
  /** inode of its pid namespace: only there does the id mean anything */
  pidNamespace: string;
}

/** Start time of a process, field 22 of proc_pid_stat(5); undefined when there is none or it is dead. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // the command name, field 2, may hold spaces and parentheses
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

/** The owner that a group of `pid` (default: this process) would have. @throws Error when there is no such process */
export function groupOwner(pid: number = process.pid): GroupOwner {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) throw new Error(`process ${pid} is not there`);
  const pidNamespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  return { pid, startTime, pidNamespace };
}

export function groupName(run: string, { pid, startTime, pidNamespace }: GroupOwner): string {
  if (!/^[\w.-]{1,100}$/.test(run)) throw new RangeError(`"${run}" cannot be part of a group's name`);
  return `ringfence-${run}-${pid}-${startTime}-${pidNamespace}`;
}

/** Owner and run of a group of ours; undefined for any other name. */
export function parseGroupName(name: string): (GroupOwner & { run: string }) | undefined {
  const [, run, pid, startTime, pidNamespace] = /^ringfence-([\w.-]+)-(\d+)-(\d+)-(\d+)$/.exec(name) ?? [];
  if (!run || !pid || !startTime || !pidNamespace) return undefined;
  return { run, pid: Number(pid), startTime, pidNamespace };
}
