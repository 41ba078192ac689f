/**
 * The processes of a run as its events tell of them: what each executes, where, and who started it.
 *
 * @module
 */
import type { EventBody, Owner } from '../../contract/index.ts';

/** One process, from its first event on. Executing another program changes it in place: the pid is the same. */
export interface Process {
  readonly pid: number;
  parent: number | undefined;
  image: string | undefined;
  arguments: readonly string[] | undefined;
  cwd: string | undefined;
  /** number of the event that last told what it executes */
  seq: number;
  /** microseconds since 1970 of the first event that names it, and of its end */
  since: number;
  ended: number | undefined;
}

/** What the kernel says of a process that no event has named: a fork that has not executed anything yet. */
export type LookUp = (pid: number) => Pick<Process, 'parent' | 'image' | 'arguments'> | undefined;

/** So many are remembered; those that have ended are forgotten first, oldest first. */
export const PROCESSES = 32_768;
/** Longest chain of parents that is followed. */
const DEEPEST = 256;

export class Processes {
  readonly #known = new Map<number, Process>();
  readonly #lookUp: LookUp | undefined;
  /** what the kernel did not know: asked once, not with each event */
  readonly #gone = new Set<number>();
  readonly #most: number;
  #lost = 0;

  constructor(lookUp?: LookUp, most: number = PROCESSES) {
    this.#lookUp = lookUp;
    this.#most = most;
  }

  get(pid: number): Process | undefined {
    return this.#known.get(pid);
  }

  get size(): number {
    return this.#known.size;
  }

  /** How many were forgotten before they ended since it was last asked. */
  lost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** Takes note of what an event says of processes. To be called once for each event, in their order. */
  hear(event: EventBody, seq: number, time: number): void {
    if (event.kind === 'process.exec') {
      this.#execute(event.owner, event.path, event.cwd, seq, time);
      return;
    }
    if (event.kind === 'process.exit') {
      const known = this.#known.get(event.owner.pid);
      if (known) known.ended = time;
      return;
    }
    if ('owner' in event && event.owner) this.#meet(event.owner, seq, time);
  }

  /**
   * From the parent up. A process that was re-parented keeps who started it.
   *
   * @param parent for one that no event has named yet
   */
  *ancestors(pid: number, parent?: number): Generator<Process> {
    const known = this.#known.get(pid);
    let next = known && known.ended === undefined ? known.parent : parent;
    const seen = new Set([pid]);
    while (next !== undefined && !seen.has(next) && seen.size < DEEPEST) {
      seen.add(next);
      const process = this.#known.get(next) ?? this.#find(next);
      if (!process) return;
      yield process;
      next = process.parent;
    }
  }

  /** The parent, as far as it is known. */
  parentOf(pid: number): Process | undefined {
    const parent = this.#known.get(pid)?.parent;
    return parent === undefined ? undefined : (this.#known.get(parent) ?? this.#find(parent));
  }

  #execute(owner: Owner, path: string, cwd: string, seq: number, time: number): void {
    const known = this.#known.get(owner.pid);
    if (known && known.ended === undefined) {
      known.image = path;
      known.arguments = owner.argv;
      known.cwd = cwd;
      known.seq = seq;
      // whoever adopts an orphan did not start it: the first parent stays
      known.parent ??= owner.ppid;
      return;
    }
    // the number of a process that has ended may be given again
    this.#add({
      pid: owner.pid,
      parent: owner.ppid,
      image: path,
      arguments: owner.argv,
      cwd,
      seq,
      since: time,
      ended: undefined,
    });
    if (owner.ppid !== undefined && !this.#known.has(owner.ppid)) this.#find(owner.ppid);
  }

  #meet(owner: Owner, seq: number, time: number): void {
    const known = this.#known.get(owner.pid);
    if (known) {
      known.parent ??= owner.ppid;
      return;
    }
    this.#add({
      pid: owner.pid,
      parent: owner.ppid,
      image: owner.exe,
      arguments: owner.argv,
      cwd: undefined,
      seq,
      since: time,
      ended: undefined,
    });
  }

  /** Asks the kernel, once for each process. */
  #find(pid: number): Process | undefined {
    if (!this.#lookUp || this.#gone.has(pid)) return undefined;
    const found = this.#lookUp(pid);
    if (!found) {
      if (this.#gone.size >= this.#most) this.#gone.clear();
      this.#gone.add(pid);
      return undefined;
    }
    const process: Process = { pid, ...found, cwd: undefined, seq: -1, since: 0, ended: undefined };
    this.#add(process);
    return process;
  }

  #add(process: Process): void {
    this.#known.delete(process.pid); // the newest last
    this.#gone.delete(process.pid);
    this.#known.set(process.pid, process);
    if (this.#known.size > this.#most) this.#forget();
  }

  /** A quarter at once, so that each is paid for by those that came after it. */
  #forget(): void {
    let surplus = Math.ceil(this.#most / 4);
    for (const process of this.#known.values()) {
      if (process.ended === undefined) continue;
      this.#known.delete(process.pid);
      surplus -= 1;
      if (surplus === 0) return;
    }
    for (const pid of this.#known.keys()) {
      this.#known.delete(pid);
      this.#lost += 1;
      surplus -= 1;
      if (surplus === 0) return;
    }
  }
}
