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
import { pathKey } from '../../cell/changes/index.ts';
import type { Item, State } from './types.ts';

/** One character a byte, as {@link pathKey}: a string is put together faster than a buffer is. */
function fieldsOf(state: State | undefined): string[] {
  if (!state) return ['-'];
  const { type, mode, uid, gid, size, link, sha256 } = state;
  // a folder's size is the file system's own business
  return [type, mode.toString(8), `${uid}`, `${gid}`, `${size}`, link ? pathKey(link) : '', sha256 ?? ''];
}

/** No field is as long as 2^32 bytes: none is longer than a path. */
function lengthOf(field: string): string {
  const { length } = field;
  const low = String.fromCharCode(
    (length >>> 24) & 0xff,
    (length >>> 16) & 0xff,
    (length >>> 8) & 0xff,
    length & 0xff,
  );
  return `\0\0\0\0${low}`;
}

const encoded = ({ path, before, after }: Item): string =>
  [pathKey(path), ...fieldsOf(before), ...fieldsOf(after)]
    .map((field) => `${lengthOf(field)}${field}`)
    .join('');

/** @param items in any order @returns hex */
export function digestOf(items: readonly Item[]): string {
  const digest = createHash('sha256').update('ringfence change set 1\n');
  const ordered = items.length > 1 ? [...items].sort((a, b) => Buffer.compare(a.path, b.path)) : items;
  for (const item of ordered) digest.update(encoded(item), 'latin1');
  return digest.digest('hex');
}
