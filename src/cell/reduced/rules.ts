/**
 * Landlock rules from the toolchain view: what a view would mount, as paths of the host that may be read and executed.
 * Everything else of the host is closed by being on no list.
 *
 * @module
 */
import { accessSync, constants, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PlanOp } from '../../contract/index.ts';
import type { View } from '../view/index.ts';

/** Rights of a rule: a comma list of `read`, `list`, `write`, `truncate`, `execute`. */
export type Rights = Map<string, Set<string>>;

/** Accounts by their names: programs look up who they are. The host's own files, for nothing can be shown in their place. */
const ACCOUNTS = ['/etc/passwd', '/etc/group', '/etc/nsswitch.conf'];
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

export function grant(rights: Rights, path: string, list: string): void {
  const set = rights.get(path) ?? new Set();
  for (const right of list.split(',')) set.add(right);
  rights.set(path, set);
}

export function rulesOf(rights: Rights): PlanOp[] {
  return [...rights].map(([path, set]): PlanOp => ['allow', path, [...set].sort().join(',')]);
}

/** Whether another user passes through every folder above: a rule for what cannot be reached fails the start. */
export function reachableByAll(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === '/') return true;
  }
}

const isBelow = (path: string, folder: string) => path.startsWith(`${folder}/`);

/** A folder but for the paths in it that stay closed: its other entries one by one, and on the way down only names. */
function grantAround(rights: Rights, path: string, closed: readonly string[], list: string): void {
  const inside = closed.filter((one) => isBelow(one, path));
  if (closed.includes(path)) return;
  if (inside.length === 0 || !lstatSync(path).isDirectory()) {
    grant(rights, path, list);
    return;
  }
  grant(rights, path, 'list');
  for (const name of readdirSync(path)) {
    const entry = join(path, name);
    const stats = lstatSync(entry);
    if (stats.isFile() || stats.isDirectory()) grantAround(rights, entry, inside, list);
  }
}

export interface RuleInput {
  view: View;
  /** paths of `files.read`, links resolved */
  read: readonly string[];
  /** `execute` comes from a list of programs instead */
  programs: readonly string[] | undefined;
  /** the program's user is not ours: what only we can reach is left out */
  foreign: boolean;
}

export function viewRights({ view, read, programs, foreign }: RuleInput): Rights {
  const rights: Rights = new Map();
  const list = programs ? 'read' : 'read,execute';
  const give = (path: string, what: string) => {
    try {
      const real = realpathSync(path);
      if (!foreign || reachableByAll(real)) grantAround(rights, real, view.masks, what);
    } catch {
      // gone, or closed to us: then to the program, too
    }
  };
  for (const { source } of view.binds) give(source, list);
  for (const path of read) give(path, list);
  for (const { path, content } of view.files) {
    // small files of /etc that the view copies: the ones that are the host's own, word for word
    try {
      if (readFileSync(path, 'utf8') === content) give(path, 'read');
    } catch {
      // a file of the view's own that this machine does not have
    }
  }
  for (const path of [...ACCOUNTS, '/proc']) give(path, 'read');
  for (const device of DEVICES) give(`/dev/${device}`, 'read,write,truncate');
  for (const path of programs ?? []) give(path, 'read,execute');
  return rights;
}

/** The entries of PATH that the program can use; those in the workspace move to its copy. */
export function usablePath(
  path: string,
  rights: Rights,
  move: (folder: string) => string | undefined,
): string {
  const granted = (folder: string) =>
    [...rights.keys()].some((one) => folder === one || isBelow(folder, one) || isBelow(one, folder));
  const usable = path.split(':').map((folder) => {
    const moved = move(folder);
    if (moved !== undefined) return moved;
    try {
      accessSync(folder, constants.X_OK);
      return granted(realpathSync(folder)) ? folder : undefined;
    } catch {
      return undefined;
    }
  });
  return usable.filter((folder) => folder !== undefined).join(':') || '/usr/local/bin:/usr/bin:/bin';
}
