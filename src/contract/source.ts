/**
 * A contract's text and the places in it: what is needed of a contract that was validated before.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { formatPath, type Path, type Position, parsePath } from './problem.ts';

/** Longest contract in bytes; more is a mistake, or meant to keep the reader from seeing all of it. */
export const MAX_CONTRACT_BYTES = 262_144;

/** Where the value of a path stands and, for entries of a mapping, where its key stands. */
export interface Place {
  value: Position;
  key?: Position;
}

export type Places = ReadonlyMap<string, Place>;

/** Where a contract came from. */
export interface ContractSource {
  /** the file as the caller named it */
  path: string;
  /** SHA-256 of the file's bytes, lower-case hex */
  sha256: string;
  text: string;
  /** contract path (`network[0].port`) → where it is written; what is absent has its default */
  positions: Places;
}

/**
 * Where a contract path is written. `exact` is false when it is absent (its default holds): then the place is its
 * parent's. With `'key'`, entries of mappings are placed at their key.
 */
export function positionOf(
  source: ContractSource,
  path: string | Path,
  at?: 'key',
): { position: Position; exact: boolean } {
  const parts = typeof path === 'string' ? parsePath(path) : path;
  if (parts === undefined) return { position: { line: 1, column: 1 }, exact: false };
  return positionIn(source.positions, parts, at);
}

export function positionIn(places: Places, path: Path, at?: 'key'): { position: Position; exact: boolean } {
  for (let length = path.length; length >= 0; length -= 1) {
    const place = places.get(formatPath(path.slice(0, length)));
    if (place === undefined) continue;
    const exact = length === path.length;
    // a missing entry is best shown at the key of the mapping that should have it
    const position = exact && at !== 'key' ? place.value : (place.key ?? place.value);
    return { position, exact };
  }
  return { position: { line: 1, column: 1 }, exact: path.length === 0 };
}

export type Bytes = { ok: true; content: Uint8Array } | { ok: false; message: string; hint: string };

/** Reads a regular file up to one byte more than the limit. Without O_NONBLOCK, opening a FIFO would wait for a writer for ever. */
export function readBounded(path: string, limit = MAX_CONTRACT_BYTES): Bytes {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const status = fstatSync(descriptor);
    if (status.isDirectory())
      return {
        ok: false,
        message: 'this is a folder, not a contract',
        hint: 'Name the file, for example ringfence.yaml.',
      };
    if (!status.isFile())
      return {
        ok: false,
        message: 'this is not a regular file',
        hint: 'Name a contract file, for example ringfence.yaml.',
      };
    const buffer = Buffer.alloc(Math.min(status.size, limit) + 1);
    let length = 0;
    while (length < buffer.length) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return { ok: true, content: buffer.subarray(0, length) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return {
        ok: false,
        message: 'there is no such file',
        hint: 'Name another with --contract, or run "ringfence init" to write one.',
      };
    if (code === 'EACCES' || code === 'EPERM')
      return { ok: false, message: 'the file may not be read', hint: 'Make it readable for you.' };
    return { ok: false, message: `the file cannot be read: ${message}`, hint: '' };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
