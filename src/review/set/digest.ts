/**
 * The digest of a change set: what a person reviewed, in 64 characters.
 *
 * Canonical encoding: items in the order of their paths' bytes; every field is a length (8 bytes, big-endian) and its bytes;
 * per item the path, then `before`, then `after`: `-` where there is nothing, else type, mode, uid, gid, size, link target,
 * content digest. SHA-256 over it, after the line `ringfence change set 1`.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Item, State } from './types.ts';

function fieldsOf(state: State | undefined): (string | Buffer)[] {
  if (!state) return ['-'];
  const { type, mode, uid, gid, size, link, sha256 } = state;
  // a folder's size is the file system's own business
  return [type, mode.toString(8), `${uid}`, `${gid}`, `${size}`, link ?? '', sha256 ?? ''];
}

/** @param items in any order @returns hex */
export function digestOf(items: readonly Item[]): string {
  const digest = createHash('sha256').update('ringfence change set 1\n');
  const length = Buffer.alloc(8);
  const add = (field: string | Buffer) => {
    const bytes = Buffer.from(field);
    length.writeBigUInt64BE(BigInt(bytes.length));
    digest.update(length).update(bytes);
  };
  for (const { path, before, after } of [...items].sort((a, b) => Buffer.compare(a.path, b.path))) {
    add(path);
    for (const field of fieldsOf(before)) add(field);
    for (const field of fieldsOf(after)) add(field);
  }
  return digest.digest('hex');
}
