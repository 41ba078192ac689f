/**
 * Paths in commands: made absolute, and what they are to a run.
 *
 * @module
 */
import { posix } from 'node:path';
import { isWithin } from '../../../contract/index.ts';
import type { Setting } from '../setting.ts';

export interface Surroundings {
  cwd?: string | undefined;
  workspace?: string | undefined;
  home?: string | undefined;
  standIns?: Setting['standIns'];
}

/** A path as the program means it, where folders stand for others. */
export function meant(path: string, standIns: Setting['standIns']): string {
  const found = standIns?.find(([folder]) => isWithin(path, folder));
  return found === undefined ? path : `${found[1]}${path.slice(found[0].length)}`;
}

/** What lies at a path, from the worst to lose to the least. */
export type Scope = 'root' | 'home' | 'parent' | 'workspace' | 'repository' | 'elsewhere' | 'inside' | 'own';

/** An absolute path without `.` and `..`; a trailing `/*` is kept. Relative ones stay so where nothing says to what. */
export function absolute(path: string, { cwd, home, standIns }: Surroundings): string {
  const here =
    cwd === undefined ? path : path.replace(/^(\$PWD|\$\{PWD\}|\$\(pwd\)|`pwd`)(?=\/|$)/, () => cwd);
  const written =
    home !== undefined && /^(~|\$HOME|\$\{HOME\})(?=\/|$)/.test(here)
      ? here.replace(/^(~|\$HOME|\$\{HOME\})/, () => home)
      : here;
  const from = written.startsWith('/')
    ? written
    : cwd === undefined || /^(~|\$)/.test(written)
      ? written
      : `${cwd}/${written}`;
  const normal = posix.normalize(from);
  return meant(normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal, standIns);
}

/** All of what a folder holds is the folder: `/*`, `/{,.}*`. */
const folderOf = (path: string): string =>
  path.replace(/\/(\*|\.\*|\{[^/]*\}\*?|\.\[!\.\]\*|\.\?\?\*)$/, '') || '/';

/** Folders of the system (hier(7)); other ones in the root are somebody's own, as images of containers have them. */
const SYSTEM =
  /^\/(bin|boot|dev|etc|home|lib\w*|media|mnt|opt|proc|root|run|sbin|srv|sys|usr|var)?$|^\/(usr|var|etc)\/[^/]+$/;
const TEMPORARY = ['/tmp', '/var/tmp', '/dev/shm'];

export function scopeOf(path: string, { workspace, home }: Surroundings): Scope {
  const folder = folderOf(path);
  if (workspace !== undefined && folder === workspace) return 'workspace';
  if (folder === home || folder === '~' || folder === '$HOME' || /^~[a-z_][\w-]*$/.test(folder))
    return 'home';
  if (workspace !== undefined && isWithin(folder, workspace))
    return folder === `${workspace}/.git` ? 'repository' : 'inside';
  if (TEMPORARY.some((temporary) => isWithin(folder, temporary)))
    return workspace !== undefined && isWithin(workspace, folder) ? 'parent' : 'own';
  if (SYSTEM.test(folder) && folder !== '/var/cache') return 'root';
  if (workspace !== undefined && isWithin(workspace, folder)) return 'parent';
  if (/^\/home\/[^/]+$/.test(folder)) return 'home';
  return 'elsewhere';
}
