/**
 * Links in the original among the protected files: what they lead to decides as well, so it is protected, too.
 *
 * @module
 */
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Looking for links in all of a workspace is given up after so many entries; the patterns themselves always hold. */
const MOST = 500_000;

const GLOB = /[*?[\]{}]/;

/** Patterns, and the places in the workspace that links among the protected files lead to. */
export function withLinkTargets(
  workspace: string,
  patterns: readonly string[],
  isProtected: (path: string) => boolean,
): string[] {
  const found = new Set<string>();
  let seen = 0;
  const look = (path: string): void => {
    seen += 1;
    const stats = lstatSync(join(workspace, path), { throwIfNoEntry: false });
    if (stats?.isSymbolicLink() && isProtected(path)) {
      const target = targetOf(workspace, path);
      if (target !== undefined) found.add(plain(target));
    }
    if (!stats?.isDirectory() || seen > MOST) return;
    let names: string[] = [];
    try {
      names = readdirSync(join(workspace, path));
    } catch {
      return; // closed to us: nobody graded can follow a link in it either
    }
    for (const name of names) look(path === '' ? name : `${path}/${name}`);
  };
  for (const pattern of patterns) {
    const parts = pattern.split('/');
    const wild = parts.findIndex((part) => GLOB.test(part));
    const fixed = wild < 0 ? parts : parts.slice(0, wild);
    for (let length = 1; length <= fixed.length; length++) {
      const path = fixed.slice(0, length).join('/');
      const stats = lstatSync(join(workspace, path), { throwIfNoEntry: false });
      if (!stats?.isSymbolicLink()) continue;
      const target = targetOf(workspace, path);
      // what the pattern means lies where the link leads
      if (target !== undefined)
        found.add([plain(target), ...parts.slice(length)].filter((part) => part !== '').join('/'));
    }
    look(fixed.join('/'));
  }
  return [...patterns, ...found];
}

/** A path as a pattern: what would be special in it stands for any character. */
const plain = (path: string) => path.replaceAll(/[*?[\]{}]/g, '?');

function targetOf(workspace: string, path: string): string | undefined {
  try {
    const target = relative(workspace, realpathSync(join(workspace, path)));
    return target === '' || target.startsWith('..') ? undefined : target;
  } catch {
    return undefined; // it leads nowhere
  }
}
