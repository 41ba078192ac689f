/**
 * One item's content for a person: as a diff where it is text, else sizes, digests and where the difference begins.
 *
 * @module
 */
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import type { Item } from '../set/index.ts';
import { type DiffLine, unifiedDiff } from './unified.ts';

/** Bytes of either side up to which a file is compared line by line. */
export const LARGEST_TEXT = 2 * 1024 * 1024;

export type Content =
  /** folders, links, modes alone: nothing inside to show */
  | { kind: 'none' }
  | { kind: 'text'; lines: DiffLine[]; added: number; removed: number }
  | {
      kind: 'opaque';
      why: 'binary' | 'large' | 'unreadable';
      /** offset of the first byte that differs, where both sides are files */
      firstDifference?: number;
    };

const isBinary = (content: Buffer): boolean => content.subarray(0, 8000).includes(0);

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Content of a regular file; empty where there is none. */
export function contentOf(place: Buffer | undefined): Buffer {
  if (!place) return Buffer.alloc(0);
  const descriptor = openSync(place, READ);
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function firstDifference(a: Buffer, b: Buffer): number {
  const [left, right] = [openSync(a, READ), openSync(b, READ)];
  try {
    const [one, two] = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)];
    for (let at = 0; ; ) {
      const n = readSync(left, one, 0, one.length, at);
      const m = readSync(right, two, 0, two.length, at);
      const length = Math.min(n, m);
      if (!one.subarray(0, length).equals(two.subarray(0, length))) {
        for (let i = 0; i < length; i++) if (one[i] !== two[i]) return at + i;
      }
      if (n !== m || n === 0) return at + length;
      at += length;
    }
  } finally {
    closeSync(left);
    closeSync(right);
  }
}

/** What there is to read of an item. Links, folders and files of the other type count as empty. */
export function contentDiff(item: Item): Content {
  const { before, after } = item;
  const old = before?.type === 'file' ? before : undefined;
  const fresh = after?.type === 'file' ? after : undefined;
  if ((!old && !fresh) || item.kind === 'mode') return { kind: 'none' };
  if ((old && !old.sha256) || (fresh && !fresh.sha256)) return { kind: 'opaque', why: 'unreadable' };
  const opaque = (why: 'binary' | 'large'): Content => ({
    kind: 'opaque',
    why,
    ...(old &&
      fresh &&
      item.original &&
      item.source && { firstDifference: firstDifference(item.original, item.source) }),
  });
  if ((old?.size ?? 0) > LARGEST_TEXT || (fresh?.size ?? 0) > LARGEST_TEXT) return opaque('large');
  const [a, b] = [contentOf(old && item.original), contentOf(fresh && item.source)];
  if (isBinary(a) || isBinary(b)) return opaque('binary');
  const lines = unifiedDiff(a, b);
  const count = (kind: DiffLine['kind']) => lines.reduce((sum, line) => sum + Number(line.kind === kind), 0);
  return { kind: 'text', lines, added: count('added'), removed: count('removed') };
}
