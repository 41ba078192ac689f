/**
 * The snapshot of a workspace that the agent changes itself: what it was before, so that it can be reviewed and rolled back.
 *
 * Blocks are shared with the original where the file system can (FICLONE), else copied; never hard links, through which a
 * change would reach the snapshot. Mode and owner are kept in a list beside it: we may not be able to give them.
 *
 * @module
 */
import {
  type BigIntStats,
  chmodSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { escapePath, joinPath, namesIn, pathKey, statOf } from '../../cell/changes/index.ts';
import { copyContent } from '../land/index.ts';

/** What a path was when the run began: numbers as text, JSON has no large ones. */
export interface Kept {
  mode: number;
  uid: number;
  gid: number;
  ino: string;
  ctimeNs: string;
  size: string;
}

/** By path, one character a byte. */
export type Manifest = Map<string, Kept>;

export type SnapshotResult =
  | { ok: true; manifest: Manifest; bytes: number }
  | { ok: false; problem: string; hint: string };

class Refused extends Error {
  readonly hint: string;
  constructor(problem: string, hint: string) {
    super(problem);
    this.hint = hint;
  }
}

const seconds = (ns: bigint) => Number(ns / 1_000_000_000n) + Number(ns % 1_000_000_000n) / 1e9;

export const keptOf = ({ mode, uid, gid, ino, ctimeNs, size }: BigIntStats): Kept => ({
  mode: Number(mode & 0o7777n),
  uid: Number(uid),
  gid: Number(gid),
  ino: ino.toString(),
  ctimeNs: ctimeNs.toString(),
  size: size.toString(),
});

/**
 * Copies a workspace. Other file systems mounted in it are left out: the cell does not see them either.
 *
 * @param target a folder to be made
 * @throws the file system's own error where something cannot be copied: nothing may run then
 */
export function takeSnapshot(workspace: string, target: string): SnapshotResult {
  const [from, to] = [Buffer.from(workspace), Buffer.from(target)];
  const manifest: Manifest = new Map();
  const device = statOf(from)?.dev;
  let bytes = 0;
  const copy = (path: Buffer): void => {
    const source = joinPath(from, path);
    const place = joinPath(to, path);
    const stats = statOf(source);
    if (!stats || stats.dev !== device) return;
    manifest.set(pathKey(path), keptOf(stats));
    const times: [number, number] = [seconds(stats.atimeNs), seconds(stats.mtimeNs)];
    if (stats.isDirectory()) {
      mkdirSync(place, { mode: 0o700 });
      for (const name of namesIn(source)) copy(joinPath(path, name));
    } else if (stats.isSymbolicLink()) {
      symlinkSync(readlinkSync(source, { encoding: 'buffer' }), place);
      lutimesSync(place, ...times);
      return;
    } else if (stats.isFile()) {
      copyContent(source, place);
      bytes += Number(stats.size);
      chmodSync(place, 0o600);
    } else {
      throw new Refused(
        `${escapePath(path)} is a socket, pipe or device, and in a direct workspace the agent could use it`,
        'remove it, or write mode: overlay',
      );
    }
    utimesSync(place, ...times);
  };
  try {
    mkdirSync(to, { mode: 0o700 });
    for (const name of namesIn(from)) copy(name);
    return { ok: true, manifest, bytes };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.message, hint: error.hint };
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return {
      ok: false,
      problem: `a snapshot cannot be made: ${message}`,
      hint:
        code === 'ENOSPC'
          ? 'free some disk space, or set XDG_STATE_HOME'
          : 'make it readable, or write mode: overlay',
    };
  }
}

export function writeManifest(path: string, manifest: Manifest): void {
  const entries = [...manifest].map(([key, kept]) => [Buffer.from(key, 'latin1').toString('base64'), kept]);
  writeFileSync(path, JSON.stringify(entries), { mode: 0o600 });
}

export function readManifest(path: string): Manifest {
  const entries = JSON.parse(readFileSync(path, 'utf8')) as [string, Kept][];
  return new Map(entries.map(([key, kept]) => [Buffer.from(key, 'base64').toString('latin1'), kept]));
}
