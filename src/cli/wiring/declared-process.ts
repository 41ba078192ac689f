/**
 * The process that a declared call names by its number inside, as the host knows it: only one that is on one line with
 * who declared it, and in the same cell.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { EventBody, Owner } from '../../contract/index.ts';

/** Processes that are looked at upwards. */
const HIGHEST = 64;
/** Files that are read to look downwards: who declares may have any number of processes and threads, and declares often. */
const LOOKS = 256;

/** A declared call with its process, where there is one; every other event as it is. */
export function located(event: EventBody): EventBody {
  if (event.kind !== 'tool.call' || event.via !== 'declared' || !event.owner) return event;
  const { owner, told } = event;
  if (told?.pid === undefined) return event;
  const process = processOf(owner, told.pid);
  if (process !== undefined) return { ...event, process };
  return {
    ...event,
    detail: `no process of number ${told.pid} is above or below who declares it`,
  };
}

/** @param inside number of the process in the cell's namespace */
export function processOf({ pid, ppid }: Owner, inside: number): number | undefined {
  let next: number | undefined = pid;
  for (let seen = 0; next !== undefined && seen < HIGHEST; seen += 1) {
    const found = statusOf(next);
    // who declared it may be gone by now
    if (!found && next === pid && seen === 0) {
      next = ppid;
      continue;
    }
    // the cell's first process is where the cell ends
    if (!found || found.inside === undefined || found.inside === 1) break;
    if (found.inside === inside) return next;
    next = found.parent;
  }
  return below(pid, inside);
}

function below(pid: number, inside: number): number | undefined {
  const waiting = [pid];
  let looks = 0;
  for (let at = 0; at < waiting.length && looks < LOOKS; at += 1) {
    const process = waiting[at] as number;
    looks += 1;
    if (at > 0 && statusOf(process)?.inside === inside) return process;
    for (const thread of threadsOf(process).slice(0, LOOKS - looks)) {
      looks += 1;
      waiting.push(...childrenOf(process, thread).slice(0, LOOKS));
    }
  }
  return undefined;
}

/** See proc_pid_status(5): PPid, and NSpid with the numbers from the reader's namespace down to its own. */
function statusOf(pid: number): { parent: number; inside: number | undefined } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1');
    const numbers = /^NSpid:\s*(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/).map(Number) ?? [];
    return {
      parent: Number(/^PPid:\s*(\d+)$/m.exec(text)?.[1]),
      inside: numbers.length < 2 ? undefined : numbers.at(-1),
    };
  } catch {
    return undefined;
  }
}

/** See proc_tid_children(5); a kernel without it knows of none. */
function childrenOf(pid: number, thread: string): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}
