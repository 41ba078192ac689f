/**
 * Leaves nothing behind, however the demo ends: steps run newest first, once, and one that fails stops no other.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';

export class Cleanup {
  #steps: (() => void)[] = [];
  #children: ChildProcess[] = [];

  add(step: () => void): void {
    this.#steps.push(step);
  }

  removeFolder(path: string): void {
    this.add(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  }

  /** Kills a child that still runs, and all that descend from it. */
  killTree(child: ChildProcess): void {
    this.#children.push(child);
    this.add(() => {
      const { pid } = child;
      if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      for (const one of [...descendantsOf(pid), pid]) {
        try {
          process.kill(one, 'SIGKILL');
        } catch {
          // already gone
        }
      }
    });
  }

  /** Sends TERM to the children that still run and waits until they ended, or for `milliseconds`. */
  async askToEnd(milliseconds: number): Promise<void> {
    const running = this.#children.filter((child) => child.exitCode === null && child.signalCode === null);
    const ended = running.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of running) child.kill('SIGTERM');
    await Promise.race([Promise.all(ended), new Promise((resolve) => setTimeout(resolve, milliseconds))]);
  }

  /** Runs all steps. Gives what went wrong. */
  run(): string[] {
    const faults: string[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        step();
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error));
      }
    }
    return faults;
  }
}

/** Children, grandchildren and so on, as /proc shows them now (proc_pid_stat(5), field 4). */
export function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // ended while we looked
    }
  }
  const found: number[] = [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const child of children.get(next) ?? []) {
      found.push(child);
      open.push(child);
    }
  }
  return found;
}
