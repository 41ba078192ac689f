/**
 * One landing at a time in a workspace, whichever runs they come from.
 *
 * The lock is the highest number in a folder, as a file that names its holder, empty once it is given back. It is taken by
 * making the next number (link(2): whole, or not at all), so that of those who find a holder dead only one follows it. The
 * highest is never removed: whoever looked long ago sees, after making its number, that others came later.
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startTimeOf } from '../../cell/cgroups/index.ts';
import { CommandError } from '../errors.ts';
import { ensureFolder, folders } from '../folders.ts';
import { pidNamespace } from '../wiring/leftovers.ts';

export const ownProcess = (): { pid: number; startTime: string } => ({
  pid: process.pid,
  startTime: startTimeOf(process.pid) ?? '',
});

/**
 * Calls `work` while nobody else lands anything in the workspace. Not to be nested.
 *
 * @throws CommandError where somebody does
 */
export function whileLocked<T>(workspace: string, work: () => T): T {
  const name = createHash('sha256').update(workspace).digest('hex').slice(0, 32);
  const held = take(ensureFolder(join(dirname(folders().runs), 'locks', name)), workspace);
  try {
    return work();
  } finally {
    truncateSync(held);
  }
}

const numbersIn = (folder: string): number[] =>
  readdirSync(folder)
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number);

const highest = (folder: string): number => Math.max(0, ...numbersIn(folder));

/** Attempts before it is given up: each one that fails is somebody else's success. */
const ATTEMPTS = 100;

/** @returns the file that is the lock */
function take(folder: string, workspace: string): string {
  const { pid, startTime } = ownProcess();
  const own = join(folder, `${pid}-${randomBytes(6).toString('hex')}`);
  writeFileSync(own, `${pid} ${startTime} ${pidNamespace()}`, { mode: 0o600, flag: 'wx' });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const last = highest(folder);
      if (last > 0) refuseHeld(join(folder, String(last)), workspace);
      const mine = join(folder, String(last + 1));
      try {
        linkSync(own, mine);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      const now = numbersIn(folder);
      if (Math.max(...now) === last + 1) {
        for (const old of now) if (old <= last) rmSync(join(folder, String(old)), { force: true });
        return mine;
      }
      rmSync(mine, { force: true });
    }
    throw new CommandError('landing-at-work', `many processes want to change ${workspace}`, 'try again');
  } finally {
    rmSync(own, { force: true });
  }
}

function refuseHeld(path: string, workspace: string): void {
  let holder: string;
  try {
    holder = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // somebody came after it
    throw error;
  }
  const [pid = '', startTime = '', namespace = ''] = holder.split(' ');
  const elsewhere = namespace !== pidNamespace();
  if (holder === '' || (!elsewhere && startTimeOf(Number(pid)) !== startTime)) return; // given back, or killed
  throw new CommandError(
    'landing-at-work',
    `another ringfence is changing ${workspace} (process ${pid}${elsewhere ? ' of another container' : ''})`,
    elsewhere ? `wait until it is done; if it was killed, remove ${path}` : 'wait until it is done',
  );
}
