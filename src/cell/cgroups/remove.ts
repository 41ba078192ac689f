/**
 * Removing groups: those of a run that ended, and those that dead runs left behind.
 *
 * @module
 */
import { readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CgroupSupport } from './detect.ts';
import { type GroupOwner, groupOwner, parseGroupName, startTimeOf } from './names.ts';

const RETRY_MS = 2;

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** End every process of a group: in one step where the kernel can (cgroup.kill), else one by one. */
function killMembers(path: string): void {
  try {
    writeFileSync(join(path, 'cgroup.kill'), '1');
    return;
  } catch {
    // version 1, or Linux before 5.14
  }
  try {
    for (const line of readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n')) {
      const pid = Number(line);
      if (pid > 1 && pid !== process.pid) process.kill(pid, 'SIGKILL');
    }
  } catch {
    // gone, or dying: the caller tries again
  }
}

/**
 * Remove groups (and groups made below them) once their last process is gone.
 *
 * @returns the groups that still have members, or cannot be removed, when the time is over
 */
export async function removeGroups(
  paths: readonly string[],
  { withinMs = 1000, kill = false }: { withinMs?: number; kill?: boolean } = {},
): Promise<string[]> {
  const deadline = Date.now() + withinMs;
  let left = [...paths];
  for (;;) {
    left = left.filter((path) => !removeTree(path, kill));
    if (left.length === 0 || Date.now() >= deadline) return left;
    await pause(RETRY_MS);
  }
}

function removeTree(path: string, kill: boolean): boolean {
  if (kill) killMembers(path);
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(path, entry.name), kill);
    }
    rmdirSync(path);
    return true;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}

function isAlive(owner: GroupOwner): boolean {
  return startTimeOf(owner.pid) === owner.startTime;
}

/** Our groups whose maker is dead. Those of another pid namespace are left alone: their maker cannot be judged from here. */
export function staleGroups(support: CgroupSupport): string[] {
  const parents = new Set(Object.values(support.legacy));
  if (support.unified) parents.add(support.unified.parent);
  const { pidNamespace } = groupOwner();
  const stale: string[] = [];
  for (const parent of parents) {
    let names: string[];
    try {
      names = readdirSync(parent);
    } catch {
      continue;
    }
    for (const name of names) {
      const owner = parseGroupName(name);
      if (owner && owner.pidNamespace === pidNamespace && !isAlive(owner)) stale.push(join(parent, name));
    }
  }
  return stale;
}

/** Remove what dead runs left, their processes too. @returns the groups that were removed */
export async function sweepGroups(support: CgroupSupport, withinMs = 500): Promise<string[]> {
  const stale = staleGroups(support);
  const left = await removeGroups(stale, { withinMs, kill: true });
  return stale.filter((path) => !left.includes(path));
}
