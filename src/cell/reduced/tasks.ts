/**
 * How much an ordinary user runs already.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Processes and threads of a user, as RLIMIT_NPROC counts them. */
export function tasksOfUser(uid: number): number {
  let tasks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, 'latin1');
      if (Number(/^Uid:\t(\d+)/m.exec(status)?.[1]) !== uid) continue;
      tasks += Number(/^Threads:\t(\d+)/m.exec(status)?.[1] ?? 1);
    } catch {
      // it ended meanwhile
    }
  }
  return tasks;
}
