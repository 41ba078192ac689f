/**
 * Digests of definitions, kept: in a file of the operator's, or beside the records of runs, by contract and server.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readBounded } from '../../../contract/index.ts';
import { ensureFolder, folders } from '../../folders.ts';

/** Tool → digest (SHA-256, hexadecimal). */
export type Pins = Record<string, string>;

interface PinFile {
  version: 1;
  servers: Record<string, Pins>;
}

const DIGEST = /^[0-9a-f]{64}$/;

/** Where the pins of a contract are that names no file for them. */
export function pinFile(contract: string): string {
  const key = createHash('sha256').update(contract).digest('hex').slice(0, 32);
  return join(dirname(folders().runs), 'pins', `${key}.json`);
}

export type ReadPins = { ok: true; servers: Record<string, Pins> } | { ok: false; problem: string };

/** An absent file has no pins; one that cannot be understood is an error, never an empty one. */
export function readPins(path: string): ReadPins {
  if (!existsSync(path)) return { ok: true, servers: {} };
  const read = readBounded(path);
  if (!read.ok) return { ok: false, problem: read.message };
  try {
    const { version, servers } = JSON.parse(Buffer.from(read.content).toString()) as PinFile;
    const isRight =
      version === 1 &&
      typeof servers === 'object' &&
      Object.values(servers).every((pins) => Object.values(pins).every((digest) => DIGEST.test(digest)));
    return isRight ? { ok: true, servers } : { ok: false, problem: `${path} is not a file of pins` };
  } catch (error) {
    return { ok: false, problem: `${path} is not a file of pins: ${(error as Error).message}` };
  }
}

/** Adds what was seen first, or, with `replace`, says anew what a server's tools are. */
export function writePins(path: string, server: string, pins: Pins, replace = false): void {
  const read = readPins(path);
  if (!read.ok) throw new Error(read.problem);
  const known = replace ? {} : read.servers[server];
  const file: PinFile = { version: 1, servers: { ...read.servers, [server]: { ...pins, ...known } } };
  if (path.startsWith(join(dirname(folders().runs), 'pins'))) ensureFolder(dirname(path));
  writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
