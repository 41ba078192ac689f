/**
 * One writer at a time: a lock file that names a process, and is void once that process is gone.
 *
 * @module
 */
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError, LedgerError } from './errors.ts';
import { LOCK } from './files.ts';

/** Taken until {@link LedgerLock.release} is called or the process dies. */
export interface LedgerLock {
  release(): void;
}

/**
 * Names a process so that a later one with the same pid is not mistaken for it: pid, start time in clock ticks
 * (proc_pid_stat(5), field 22) and the boot.
 */
function identify(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in field 2 may hold spaces and parentheses: count from behind its last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${pid} ${fields[19]} ${boot}`;
  } catch {
    return undefined;
  }
}

/** The pid of the living process that holds the ledger in `dir`, if any. */
export function lockHolder(dir: string): number | undefined {
  const text = read(join(dir, LOCK));
  return text === undefined ? undefined : living(text);
}

function living(text: string): number | undefined {
  const pid = Number(text.split(' ')[0]);
  return Number.isSafeInteger(pid) && pid > 0 && identify(pid) === text ? pid : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Takes the ledger in `dir` for this process.
 *
 * @throws LedgerError `ledger-busy` where a living process, this one included, has it.
 */
export function takeLock(dir: string): LedgerLock {
  const path = join(dir, LOCK);
  const own = identify(process.pid) ?? `${process.pid} 0 unknown`;
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, `${own}\n`, { mode: 0o600 });
  try {
    for (let tries = 0; tries < 16; tries += 1) {
      try {
        linkSync(beside, path);
        return { release: () => releaseLock(path, own) };
      } catch (error) {
        if (!isSystemError(error, 'EEXIST')) throw error;
      }
      const holder = read(path);
      if (holder === undefined) continue;
      const pid = living(holder);
      if (pid !== undefined) throw busy(dir, pid);
      removeStale(path, holder);
    }
    throw busy(dir, 0);
  } finally {
    unlinkSync(beside);
  }
}

function busy(dir: string, pid: number): LedgerError {
  return new LedgerError(
    'ledger-busy',
    `the ledger in ${dir} is in use by process ${pid}`,
    'Wait until that run has ended, or stop it; then try again.',
  );
}

/** Moves a dead process's lock away. Another may have replaced it since it was read: then it is put back. */
function removeStale(path: string, seen: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    throw error;
  }
  if (read(aside) !== seen) {
    try {
      linkSync(aside, path);
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error;
    }
  }
  unlinkSync(aside);
}

function releaseLock(path: string, own: string): void {
  try {
    if (read(path) === own) unlinkSync(path);
  } catch {
    // The lock is void once this process ends; a folder that is already gone has none.
  }
}
