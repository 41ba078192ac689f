/**
 * One landing at a time in a workspace, whichever runs they come from.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startTimeOf } from '../../cell/cgroups/index.ts';
import { CommandError } from '../errors.ts';
import { ensureFolder, folders } from '../folders.ts';

export const ownProcess = (): { pid: number; startTime: string } => ({
  pid: process.pid,
  startTime: startTimeOf(process.pid) ?? '',
});

/**
 * Calls `work` while nobody else lands anything in the workspace.
 *
 * @throws CommandError where somebody does
 */
export function whileLocked<T>(workspace: string, work: () => T): T {
  const folder = ensureFolder(join(dirname(folders().runs), 'locks'));
  const path = join(folder, createHash('sha256').update(workspace).digest('hex').slice(0, 32));
  take(path, workspace, 3);
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string, workspace: string, attempts: number): void {
  try {
    const descriptor = openSync(path, 'wx', 0o600);
    const { pid, startTime } = ownProcess();
    writeSync(descriptor, `${pid} ${startTime}`);
    closeSync(descriptor);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const [pid = '', startTime = ''] = holder(path).split(' ');
  if (attempts > 0 && startTime !== '' && startTimeOf(Number(pid)) !== startTime) {
    rmSync(path, { force: true }); // its holder was killed
    take(path, workspace, attempts - 1);
    return;
  }
  throw new CommandError(
    'landing-at-work',
    `another ringfence is changing ${workspace} (process ${pid})`,
    'wait until it is done',
  );
}

function holder(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
