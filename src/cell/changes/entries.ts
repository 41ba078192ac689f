/**
 * Looking at both sides of an overlay by paths of bytes.
 *
 * @module
 */
import {
  type BigIntStats,
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import type { Entry, EntryType } from './types.ts';

/** Bytes of a folder's path, so that whatever name is in it can still be asked for (PATH_MAX less one name). */
const LONGEST_FOLDER = 4096 - 256 - 1;

/** Whether a folder's path leaves no room for names in it: nested so deep, its content can be neither read nor landed. */
export const isTooDeep = (...places: readonly Buffer[]): boolean =>
  places.some(({ length }) => length > LONGEST_FOLDER);

/** Why a change list is incomplete where a folder {@link isTooDeep}. */
export const tooDeep = (shown: string): string =>
  `folders nested so deep that what they hold cannot be read: ${shown.slice(0, 80)}…`;

/** What lies there, links not followed; undefined where nothing does. */
export function statOf(path: Buffer): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined; // below a file there is nothing
    throw error;
  }
}

export function typeOf(stats: BigIntStats): EntryType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  return stats.isSocket() ? 'socket' : 'device';
}

export function entryOf(path: Buffer, stats: BigIntStats): Entry {
  const type = typeOf(stats);
  const entry: Entry = {
    type,
    mode: Number(stats.mode & 0o7777n),
    size: type === 'file' ? Number(stats.size) : 0,
  };
  if (type === 'symlink') entry.link = readlinkSync(path, { encoding: 'buffer' });
  return entry;
}

/** Names in a folder, ordered by bytes. */
export function namesIn(path: Buffer): Buffer[] {
  return readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare);
}

const CHUNK = 1 << 16;

function fill(descriptor: number, buffer: Buffer): number {
  let length = 0;
  while (length < buffer.length) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (read === 0) break;
    length += read;
  }
  return length;
}

/** Whether two files of the same size hold the same bytes. */
export function sameContent(a: Buffer, b: Buffer): boolean {
  const left = openSync(a, 'r');
  try {
    const right = openSync(b, 'r');
    try {
      const most = Math.min(CHUNK, fstatSync(left).size + 1); // thousands of small files: no large buffers for them
      const [one, two] = [Buffer.allocUnsafe(most), Buffer.allocUnsafe(most)];
      for (;;) {
        const length = fill(left, one);
        if (length !== fill(right, two)) return false;
        if (length === 0) return true;
        if (!one.subarray(0, length).equals(two.subarray(0, length))) return false;
      }
    } finally {
      closeSync(right);
    }
  } finally {
    closeSync(left);
  }
}
