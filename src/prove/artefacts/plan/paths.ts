/**
 * Paths as the reading of plans needs them: whether one lies in another, and what the host has there.
 *
 * @module
 */
import { lstatSync, readlinkSync, realpathSync, type Stats } from 'node:fs';

/** Whether `path` is `folder` or lies below it. Both absolute, without `.`, `..` and a slash at the end. */
export const lies = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || (path.startsWith(folder) && path[folder.length] === '/');

/** Whether a path is written in its one form: absolute, no empty name, no `.` and `..`, no slash at the end. */
export function isPlain(path: string): boolean {
  if (path === '/') return true;
  if (!path.startsWith('/')) return false;
  return path
    .slice(1)
    .split('/')
    .every((name) => name !== '' && name !== '.' && name !== '..');
}

export const join = (folder: string, rest: string): string =>
  rest === '' ? folder : folder === '/' ? rest : folder + rest;

/** What lies at a path of the host, links not followed; `undefined` where nothing does, or nobody lets us look. */
export function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The path with every link followed; `undefined` where it leads nowhere. */
export function real(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** The text of a link; `undefined` where there is none. */
export function linkAt(path: string): string | undefined {
  if (!look(path)?.isSymbolicLink()) return undefined;
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** `~/x` and relative paths as absolute ones, in their one form. */
export function absolute(path: string, home: string, base: string): string {
  const from = path === '~' || path.startsWith('~/') ? home + path.slice(1) : path;
  const names: string[] = [];
  for (const name of (from.startsWith('/') ? from : `${base}/${from}`).split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}
