/**
 * Paths that a contract names under `files.read`: shown as they are, at their own place.
 *
 * @module
 */
import { isAbsolute, normalize, resolve } from 'node:path';
import { hostPath, lookAt, resolveLinks } from './host.ts';
import { type Bind, type Machine, READ_ONLY } from './types.ts';

export type ReadPaths =
  | { ok: true; binds: Bind[] }
  /** `path` as the contract writes it */
  | { ok: false; path: string; problem: string; hint: string };

/** `~` and `~/x` are the user's home; other relative paths start at `base` (the contract's folder). */
export function expandPath(path: string, home: string, base: string): string {
  const expanded = path === '~' ? home : path.startsWith('~/') ? `${home}${path.slice(1)}` : path;
  const absolute = normalize(isAbsolute(expanded) ? expanded : resolve(base, expanded));
  return absolute === '/' ? absolute : absolute.replace(/\/$/, '');
}

/**
 * Binds for the paths that the user names; a path that is absent is an error, because a contract that promises a file
 * should not silently run without it.
 */
export function readPaths(
  paths: readonly string[],
  { home, base, machineRoot = '/' }: { home: string; base: string; machineRoot?: string },
): ReadPaths {
  const binds: Bind[] = [];
  for (const path of paths) {
    const target = expandPath(path, home, base);
    const machine: Machine = { machineRoot };
    if (target === '/') {
      return {
        ok: false,
        path,
        problem: 'is the whole file system',
        hint: 'name the folders that are needed',
      };
    }
    const real = resolveLinks(machine, target);
    const stats = real === undefined ? undefined : lookAt(machine, real);
    if (!real || !stats) {
      const hint =
        'create it, correct the path, or remove the line; ~ is your home, others start at the contract';
      return { ok: false, path, problem: `${target} does not exist or cannot be read`, hint };
    }
    if (!stats.isFile() && !stats.isDirectory()) {
      const hint = 'name a file or a folder; sockets and devices are not shown';
      return { ok: false, path, problem: `${target} is neither a file nor a folder`, hint };
    }
    binds.push({
      source: hostPath(machine, real),
      target,
      flags: READ_ONLY,
      directory: stats.isDirectory(),
    });
  }
  return { ok: true, binds };
}
