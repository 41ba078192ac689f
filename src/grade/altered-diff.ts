/**
 * The diff of what a run changed, read from both sides by their places on disk.
 *
 * @module
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { statOf } from '../cell/changes/index.ts';
import { fileDiff } from './diff.ts';

/** Two sides of a path; `shown` is safe to print. */
export interface Sides {
  shown: string;
  before?: Buffer;
  after?: Buffer;
}

/** Bytes of a file that are read at most. */
const LARGEST = 4 * 2 ** 20;
/** Characters of a diff that are kept on the record; more is said, not kept. */
const KEPT = 64 * 1024;

/** What a path holds, as a diff can show it: a link by its target, all else that is no file by its kind. */
function contentOf(place: Buffer | undefined): Buffer | undefined {
  const stats = place && statOf(place);
  if (!place || !stats) return undefined;
  if (stats.isSymbolicLink())
    return Buffer.concat([
      Buffer.from('symlink to '),
      readlinkSync(place, { encoding: 'buffer' }),
      Buffer.from('\n'),
    ]);
  if (stats.isDirectory()) return Buffer.from('folder\n');
  if (!stats.isFile()) return Buffer.from('neither file, folder nor link\n');
  if (stats.size > LARGEST) return Buffer.from(`${stats.size} bytes\0`);
  try {
    return readFileSync(place);
  } catch {
    return Buffer.from('cannot be read\n');
  }
}

/** All of them, one after the other; cut, and said so, where it is long. */
export function diffOf(sides: readonly Sides[]): string {
  let diff = '';
  for (const [index, { shown, before, after }] of sides.entries()) {
    diff += fileDiff(shown, contentOf(before), contentOf(after));
    if (diff.length > KEPT) {
      return `${diff.slice(0, KEPT)}\n(the diff is longer: cut here; ${sides.length - index - 1} more files)\n`;
    }
  }
  return diff;
}
