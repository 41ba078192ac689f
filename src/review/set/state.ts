/**
 * What lies at a path, content included.
 *
 * @module
 */
import { createHash, hash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { entryOf, statOf } from '../../cell/changes/index.ts';
import type { State } from './types.ts';

/** Bytes; larger files are not read, and do not land. Their holes cost an agent nothing, and hours to hash. */
export const LARGEST_FILE = 64 * 1024 ** 3;

const CHUNK = 1 << 20;
const SMALL = 1 << 18;

/** Does not wait for a pipe's writer, does not follow a link. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** SHA-256 of a regular file's content, hex. @throws the file system's own error */
export function contentDigest(place: Buffer | string): string {
  const descriptor = openSync(place, READ);
  try {
    const size = fstatSync(descriptor).size;
    if (size <= SMALL) {
      const buffer = Buffer.allocUnsafe(size + 1);
      const length = readSync(descriptor, buffer, 0, size + 1, 0);
      if (length === size) return hash('sha256', buffer.subarray(0, length), 'hex');
    }
    const digest = createHash('sha256');
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let at = 0; ; ) {
      const length = readSync(descriptor, buffer, 0, CHUNK, at);
      if (length === 0) return digest.digest('hex');
      digest.update(buffer.subarray(0, length));
      at += length;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** A file that is too large or that we may not read has no digest. @throws the file system's own error */
export function stateAt(place: Buffer, stats: BigIntStats | undefined = statOf(place)): State | undefined {
  if (!stats) return undefined;
  const { type, mode, size, link } = entryOf(place, stats);
  const state: State = { type, mode, uid: Number(stats.uid), gid: Number(stats.gid), size };
  if (link) state.link = link;
  if (type === 'symlink') state.mode = 0o777;
  if (type === 'file' && size <= LARGEST_FILE) {
    try {
      state.sha256 = contentDigest(place);
    } catch (error) {
      // closed even to its owner: shown without a digest, and refused
      if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    }
  }
  return state;
}

/** Same type and content (or target). */
export function sameContentAs(a: State, b: State): boolean {
  if (a.type !== b.type) return false;
  if (a.type === 'symlink') return a.link?.equals(b.link ?? Buffer.alloc(0)) ?? false;
  if (a.type !== 'file') return true;
  return a.size === b.size && a.sha256 === b.sha256 && a.sha256 !== undefined;
}

export function sameState(a: State | undefined, b: State | undefined): boolean {
  if (!a || !b) return a === b;
  return sameContentAs(a, b) && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}
