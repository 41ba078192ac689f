/**
 * A workspace against its snapshot, in the shape of an overlay's change list.
 *
 * @module
 */
import {
  type Change,
  type Changes,
  changeOf,
  type Entry,
  entryOf,
  escapePath,
  isTooDeep,
  joinPath,
  listOf,
  namesIn,
  pathKey,
  sameEntry,
  statOf,
  tooDeep,
} from '../../cell/changes/index.ts';
import { type Kept, keptOf, type Manifest } from './snapshot.ts';

export interface CompareInput {
  workspace: string;
  snapshot: string;
  manifest: Manifest;
}

/** Nobody sets ctime: with it, the inode and the size, a file is what it was. */
const untouched = (known: Kept, now: Kept) =>
  known.ino === now.ino && known.ctimeNs === now.ctimeNs && known.size === now.size;

/** @throws the file system's own error where a side cannot be read */
export function compareDirect({ workspace, snapshot, manifest }: CompareInput): Changes {
  const [root, old] = [Buffer.from(workspace), Buffer.from(snapshot)];
  const changes: Change[] = [];
  const seen = new Set<string>();
  const record = (change: Parameters<typeof changeOf>[0]) => changes.push(changeOf(change));
  const beforeOf = (path: Buffer, known: Kept): Entry | undefined => {
    const place = joinPath(old, path);
    const stats = statOf(place);
    return stats && { ...entryOf(place, stats), mode: known.mode };
  };
  const device = statOf(root)?.dev;
  let deepest: Buffer | undefined;
  const visit = (path: Buffer): void => {
    const place = joinPath(root, path);
    const stats = statOf(place);
    if (!stats || stats.dev !== device) return;
    const key = pathKey(path);
    seen.add(key);
    const known = manifest.get(key);
    if (!known || !untouched(known, keptOf(stats))) {
      const after = entryOf(place, stats);
      const before = known && beforeOf(path, known);
      if (!before) record({ kind: 'added', path, after });
      else if (!sameEntry(before, after, { before: joinPath(old, path), after: place }))
        record({ kind: 'modified', path, before, after });
      else if (
        after.type !== 'symlink' &&
        (before.mode !== after.mode || known.uid !== Number(stats.uid) || known.gid !== Number(stats.gid))
      )
        record({ kind: 'mode', path, before, after });
    }
    if (!stats.isDirectory()) return;
    if (isTooDeep(place)) deepest ??= path;
    else for (const name of namesIn(place)) visit(joinPath(path, name));
  };
  for (const name of namesIn(root)) visit(name);
  for (const [key, known] of manifest) {
    if (seen.has(key)) continue;
    const path = Buffer.from(key, 'latin1');
    const before = beforeOf(path, known);
    if (before) record({ kind: 'deleted', path, before });
  }
  const list = { ...listOf(changes), originalChanged: [] };
  if (deepest) return { ...list, complete: false, reason: tooDeep(escapePath(deepest)) };
  return { ...list, complete: true };
}
