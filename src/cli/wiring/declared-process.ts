/**
 * The process that a declared call names by its number inside, as the host knows it: only one that is on one line with
 * who declared it, and in the same cell.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { EventBody, Owner } from '../../contract/index.ts';
import type { GatewayProcess } from './gateway-process.ts';

/** Milliseconds of one search, of searches a second, and at once: who declares may have any number of processes, and declares often. */
const LONGEST = 5;
const LOOKING = { each: 10, burst: 40 };

/** Tells the gateway that what a scaffold declared is on record, for who waits for that. */
export function acknowledge(event: EventBody, gateway: Pick<GatewayProcess, 'tell'> | undefined): void {
  if ((event.kind === 'tool.call' || event.kind === 'tool.result') && event.via === 'declared')
    gateway?.tell({ order: 'recorded', call: event.call });
}

export class DeclaredProcesses {
  readonly #now: () => number;
  #left = LOOKING.burst;
  #at: number;

  /** @param now milliseconds, steady */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#at = now();
  }

  /** A declared call with its process, where there is one; every other event as it is. */
  located(event: EventBody): EventBody {
    if (event.kind !== 'tool.call' || event.via !== 'declared' || !event.owner) return event;
    const { owner, told } = event;
    if (told?.pid === undefined) return event;
    const begun = this.#now();
    this.#left = Math.min(LOOKING.burst, this.#left + ((begun - this.#at) / 1000) * LOOKING.each);
    this.#at = begun;
    if (this.#left < LONGEST)
      return { ...event, detail: 'its process is not looked for: there is too much to look for' };
    const process = this.#processOf(owner, told.pid, begun + LONGEST);
    this.#left -= this.#now() - begun;
    if (process !== undefined) return { ...event, process };
    return {
      ...event,
      detail: `no process of number ${told.pid} was found above or below who declares it`,
    };
  }

  /** @param inside number of the process in the cell's namespace */
  #processOf({ pid, ppid }: Owner, inside: number, until: number): number | undefined {
    let next: number | undefined = pid;
    for (let isFirst = true; next !== undefined && this.#now() < until; isFirst = false) {
      const found = statusOf(next);
      // who declared it may be gone by now
      if (!found && isFirst) {
        next = ppid;
        continue;
      }
      // the cell's first process is where the cell ends
      if (!found || found.inside === undefined || found.inside === 1) break;
      if (found.inside === inside) return next;
      next = found.parent;
    }
    return this.#below(pid, inside, until);
  }

  #below(pid: number, inside: number, until: number): number | undefined {
    const waiting = [pid];
    for (const process of waiting)
      for (const thread of threadsOf(process)) {
        if (this.#now() >= until) return undefined;
        for (const child of childrenOf(process, thread)) {
          if (this.#now() >= until) return undefined;
          if (statusOf(child)?.inside === inside) return child;
          waiting.push(child);
        }
      }
    return undefined;
  }
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
