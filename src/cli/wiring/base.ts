/**
 * What changed files were when the run began, kept for a three-way merge: the original may be changed later, and then nothing
 * else remembers.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Changes, joinPath, pathKey, statOf } from '../../cell/changes/index.ts';

/** Files of at most so many bytes, and at most so many files: every run pays for this at its end. */
const LARGEST = 1024 * 1024;
const MOST = 500;

const basePath = (folder: { path: string }): string => join(folder.path, 'cell', 'base');

/** Keeps the originals of what was modified, where they were not changed during the run. */
export function keepBase(folder: { path: string }, workspace: string, found: Changes): void {
  const changed = new Set(found.originalChanged.map(pathKey));
  const modified = found.changes.filter(
    ({ kind, path, before, after }) =>
      kind === 'modified' &&
      before?.type === 'file' &&
      after?.type === 'file' &&
      before.size <= LARGEST &&
      !changed.has(pathKey(path)) &&
      // what lies in a renamed folder was elsewhere: its base is not what this path was
      statOf(joinPath(Buffer.from(workspace), path))?.isFile() === true,
  );
  if (modified.length === 0 || modified.length > MOST) return;
  mkdirSync(basePath(folder), { recursive: true, mode: 0o700 });
  for (const [n, { path }] of modified.entries()) {
    const content = readFileSync(joinPath(Buffer.from(workspace), path));
    writeFileSync(join(basePath(folder), String(n)), content, { mode: 0o600 });
  }
  const names = modified.map(({ path }) => path.toString('base64'));
  writeFileSync(join(basePath(folder), 'names.json'), JSON.stringify(names), { mode: 0o600 });
}

/** File that holds what a path was when the run began; undefined where it was not kept. */
export function baseOf(folder: { path: string }): (path: Buffer) => string | undefined {
  let names: string[];
  try {
    names = JSON.parse(readFileSync(join(basePath(folder), 'names.json'), 'utf8')) as string[];
  } catch {
    return () => undefined;
  }
  const numbers = new Map(names.map((name, n) => [name, n]));
  return (path) => {
    const n = numbers.get(path.toString('base64'));
    return n === undefined ? undefined : join(basePath(folder), String(n));
  };
}
