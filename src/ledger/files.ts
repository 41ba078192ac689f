/**
 * The files of a ledger: their names, and how they are made durable.
 *
 * `000000.jsonl`, `000001.jsonl`, … hold the records; `checkpoints` the signed notes, a blank line behind each;
 * `key` the verifier key; `anchor` the signed note that stands for pruned segments; `*.torn` what a recovery cut off.
 *
 * @module
 */
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export const CHECKPOINTS = 'checkpoints';
export const ANCHOR = 'anchor';
export const KEY = 'key';
export const LOCK = 'lock';
export const INDEX = 'index.sqlite';

const SEGMENT = /^(\d{6,})\.jsonl$/;

/** File name of segment `index`: six digits or more. */
export function segmentName(index: number): string {
  return `${String(index).padStart(6, '0')}.jsonl`;
}

/** Numbers of the segments in `dir`, ascending. Throws what `readdir` throws. */
export function listSegments(dir: string): number[] {
  const found: number[] = [];
  for (const name of readdirSync(dir)) {
    const index = Number(SEGMENT.exec(name)?.[1] ?? Number.NaN);
    if (Number.isSafeInteger(index) && segmentName(index) === name) found.push(index);
  }
  return found.sort((a, b) => a - b);
}

/** Makes the names in `dir` durable (fsync(2): a new file's entry needs the folder's own fsync). */
export function syncFolder(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes all bytes; `write(2)` may take fewer. Throws what it throws; some bytes may have been written by then. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) at += writeSync(fd, bytes, at, bytes.length - at);
}

/** Puts a file in place at once and durably: written beside, synced, renamed. */
export function placeFile(dir: string, name: string, bytes: Uint8Array, mode = 0o600): void {
  const beside = join(dir, `.${name}.${process.pid}.tmp`);
  const fd = openSync(beside, 'w', mode);
  try {
    writeAll(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(beside, join(dir, name));
  syncFolder(dir);
}
