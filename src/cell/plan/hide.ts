/**
 * `files.hide`: which paths of the workspace are covered. Patterns are matched against the workspace as it is when the
 * run starts; what the agent makes later is its own.
 *
 * @module
 */
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { matchPath } from '../../contract/glob.ts';

/** Folders whose content no pattern without a wildcard folder can mean; walking them would cost seconds. */
const MAX_ENTRIES = 500_000;

export type Hidden = { ok: true; paths: string[] } | { ok: false; problem: string };

/** Two stars at the end hide the folder itself; a bare name matches at the top, two stars in front at any depth. */
export function hiddenPaths(workspace: string, patterns: readonly string[]): Hidden {
  if (patterns.length === 0) return { ok: true, paths: [] };
  const exact = patterns.filter((pattern) => !/[*?[{]/.test(pattern.replace(/\/\*\*$/, '')));
  const globs = patterns.filter((pattern) => !exact.includes(pattern));
  const paths = new Set(exact.map((pattern) => join(workspace, pattern.replace(/\/\*\*$/, ''))));
  if (globs.length > 0) {
    const folders = globs.filter((glob) => glob.endsWith('/**')).map((glob) => glob.slice(0, -3));
    // names that begin with a dot are names like others: a secret in .config is one
    const isHidden = matchPath([...globs, ...folders]);
    let seen = 0;
    const pending = [''];
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
      let entries: import('node:fs').Dirent[];
      try {
        entries = readdirSync(join(workspace, folder), { withFileTypes: true });
      } catch {
        return {
          ok: false,
          problem: `files.hide cannot be worked out: ${join(workspace, folder)} cannot be read`,
        };
      }
      for (const entry of entries) {
        seen += 1;
        if (seen > MAX_ENTRIES) {
          return {
            ok: false,
            problem: `files.hide has patterns with wildcards and the workspace more than ${MAX_ENTRIES} entries; name exact paths`,
          };
        }
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (isHidden(path)) {
          if (isMisread(join(workspace, path)))
            return {
              ok: false,
              problem: `files.hide cannot be kept: the name of ${join(workspace, path)} is not UTF-8, and no cover can be named for it; rename it, or hide the folder that it lies in`,
            };
          paths.add(join(workspace, path));
        } else if (entry.isDirectory()) {
          pending.push(path);
        }
      }
    }
  }
  for (const path of [...paths]) {
    const linked = behindLinks(path);
    if (linked?.startsWith(`${workspace}/`)) paths.add(linked);
  }
  return { ok: true, paths: [...paths].sort() };
}

/** Bytes that are no UTF-8 were replaced as the name was read; under the name that we have, nothing is there. */
const isMisread = (path: string): boolean =>
  path.includes('\ufffd') && lstatSync(path, { throwIfNoEntry: false }) === undefined;

/** A cover follows no link (`native/setup.c`), a reader does: what a hidden name leads to is hidden at its own place, too. */
function behindLinks(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
