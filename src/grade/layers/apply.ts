/**
 * Laying a layer over a folder by copying, where nothing can be mounted: what an overlay shows is made.
 *
 * @module
 */
import {
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  mkdirSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { joinPath, namesIn, statOf } from '../../cell/changes/index.ts';

/** Files to lay over a folder, and what of it is gone; paths relative to it. */
export interface Overlaid {
  /** undefined: there are none */
  folder: string | undefined;
  deleted: readonly Buffer[];
}

/**
 * Deletions first, so that nothing is deleted behind a link of the layer's. Links are never followed.
 *
 * @param target a folder of our own; what becomes of it belongs to `owner`, where that is not ourselves
 * @throws the file system's error
 */
export function applyLayer(target: string, { folder, deleted }: Overlaid, owner: number | undefined): void {
  const root = Buffer.from(target);
  for (const path of [...deleted].sort((a, b) => Buffer.compare(b, a))) remove(joinPath(root, path));
  if (folder !== undefined) lay(root, Buffer.from(folder), owner);
}

function remove(place: Buffer): void {
  const stats = statOf(place);
  if (!stats) return;
  if (!stats.isDirectory()) {
    unlinkSync(place);
    return;
  }
  chmodSync(place, 0o700);
  for (const name of namesIn(place)) remove(joinPath(place, name));
  rmdirSync(place);
}

function lay(target: Buffer, source: Buffer, owner: number | undefined): void {
  for (const name of namesIn(source)) {
    const [from, to] = [joinPath(source, name), joinPath(target, name)];
    const stats = statOf(from);
    if (!stats) continue;
    if (stats.isDirectory()) {
      if (statOf(to)?.isDirectory()) chmodSync(to, 0o700);
      else {
        remove(to);
        mkdirSync(to, { mode: 0o700 });
      }
      lay(to, from, owner);
    } else if (stats.isSymbolicLink()) {
      remove(to);
      symlinkSync(readlinkSync(from, { encoding: 'buffer' }), to);
    } else if (stats.isFile()) {
      remove(to);
      copyFileSync(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    } else continue; // a pipe or a socket: nobody is at its other end
    if (owner !== undefined) lchownSync(to, owner, owner);
    if (stats.isSymbolicLink()) continue;
    chmodSync(to, Number(stats.mode & (stats.isDirectory() ? 0o1777n : 0o777n)));
    utimesSync(to, Number(stats.atimeMs) / 1000, Number(stats.mtimeMs) / 1000);
  }
}
