/**
 * A change list's parts that do not depend on how changes were found: by an overlay's marks, or by comparing two folders.
 *
 * @module
 */
import { sameContent } from './entries.ts';
import { escapePath } from './names.ts';
import type { Change, Changes, Entry } from './types.ts';

const runs = (entry: Entry | undefined) => entry?.type === 'file' && (entry.mode & 0o111) !== 0;

/** A change with what follows from it: its path for people, and whether it is now a program. */
export function changeOf(change: Omit<Change, 'shown' | 'executable'>): Change {
  const { before, after, kind, path } = change;
  const executable = runs(after) && (kind !== 'mode' || !runs(before));
  return { ...change, shown: escapePath(path), executable };
}

/** Whether type, target and content are the same; permissions are not looked at. `places` are read only where both are files of one size. */
export function sameEntry(before: Entry, after: Entry, places: { before: Buffer; after: Buffer }): boolean {
  if (before.type !== after.type) return false;
  if (before.type === 'symlink') return before.link?.equals(after.link ?? Buffer.alloc(0)) ?? false;
  if (before.type !== 'file') return true;
  return before.size === after.size && sameContent(places.before, places.after);
}

/** Changes in the order of their paths, byte by byte, and how many of which there are; a file with several names counts its bytes once. */
export function listOf(changes: readonly Change[]): Pick<Changes, 'changes' | 'summary'> {
  const summary = { added: 0, modified: 0, mode: 0, deleted: 0, renamed: 0, bytes: 0 };
  for (const { kind, after, sameFileAs } of changes) {
    summary[kind]++;
    if ((kind === 'added' || kind === 'modified') && !sameFileAs) summary.bytes += after?.size ?? 0;
  }
  return { changes: changes.toSorted((one, other) => Buffer.compare(one.path, other.path)), summary };
}
