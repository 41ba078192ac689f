/**
 * Reads the lines of a ledger's segments as bytes, with their places, in constant memory.
 *
 * @module
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { segmentName } from './files.ts';
import { findNewline, MAX_RECORD_BYTES } from './record.ts';

/** Where a line is: segment number, line from 1, offset of its first byte. */
export interface LinePlace {
  segment: number;
  line: number;
  offset: number;
}

/** One line without its newline. `bytes` is valid until the next one is taken. */
export interface ScannedLine extends LinePlace {
  bytes: Buffer;
  /** false: the file ended before a newline */
  ended: boolean;
}

const CHUNK = 1 << 20;

/**
 * Yields the lines of one segment from `offset` on. A line beyond the length of any record is yielded cut, so that a
 * file without newlines cannot fill the memory: the rest of it comes as further lines. Throws what open(2) and read(2) throw.
 */
export function* scanSegment(dir: string, segment: number, offset = 0, line = 1): Generator<ScannedLine> {
  const fd = openSync(join(dir, segmentName(segment)), 'r');
  try {
    let buffer = Buffer.allocUnsafe(2 * CHUNK);
    let filled = 0;
    let position = offset;
    let at = offset;
    let number = line;
    for (;;) {
      if (buffer.length - filled < CHUNK) buffer = Buffer.concat([buffer], buffer.length + CHUNK);
      const count = readSync(fd, buffer, filled, CHUNK, position);
      position += count;
      filled += count;
      let start = 0;
      for (;;) {
        const newline = findNewline(buffer.subarray(0, filled), start);
        const end = newline >= 0 ? newline : overlong(filled - start, count) ? filled : -1;
        if (end < 0) break;
        yield {
          segment,
          line: number,
          offset: at,
          bytes: buffer.subarray(start, end),
          ended: newline >= 0,
        };
        const taken = (newline >= 0 ? newline + 1 : end) - start;
        at += taken;
        start += taken;
        number += 1;
      }
      buffer.copyWithin(0, start, filled);
      filled -= start;
      if (count === 0) return;
    }
  } finally {
    closeSync(fd);
  }
}

/** Yields what is there although no newline ends it: at the end of the file, or where it is longer than a record. */
function overlong(length: number, count: number): boolean {
  return length > 0 && (count === 0 || length > MAX_RECORD_BYTES);
}

/** One note of the checkpoints file, with its place. */
export interface ScannedNote {
  /** line from 1 and byte offset in the file */
  line: number;
  offset: number;
  bytes: Buffer;
  /** false: the file ended before the blank line behind the note */
  ended: boolean;
}

/**
 * Splits the checkpoints file: a note is its text, a blank line, one signature line; a blank line follows it. Splitting
 * goes by blank lines alone, so a damaged note spoils itself and its neighbour at most.
 */
export function splitNotes(file: Buffer): ScannedNote[] {
  const notes: ScannedNote[] = [];
  let start = 0;
  let line = 1;
  while (start < file.length) {
    const middle = file.indexOf('\n\n', start);
    const end = middle < 0 ? -1 : file.indexOf('\n\n', middle + 2);
    // The note keeps its own last newline; the second one of the pair is the blank line.
    const stop = end < 0 ? file.length : end + 1;
    const bytes = file.subarray(start, stop);
    notes.push({ line, offset: start, bytes, ended: end >= 0 });
    start = end < 0 ? file.length : end + 2;
    line += countNewlines(file.subarray(start - (end < 0 ? bytes.length : bytes.length + 1), start));
  }
  return notes;
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
