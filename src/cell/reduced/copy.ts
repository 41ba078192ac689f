/**
 * The copy of the workspace that the program works on. Files share their blocks with the original where the file system
 * can (FICLONE); modes and times stay; what is hidden, a socket or a device is left out.
 *
 * @module
 */
import {
  type BigIntStats,
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { joinPath, namesIn, pathKey, statOf } from '../changes/index.ts';

/** What the copy was when the program started, by path ({@link pathKey}): what changes shows by inode and ctime. */
export type Manifest = ReadonlyMap<string, { path: Buffer; ino: bigint; ctimeNs: bigint; size: bigint }>;

export type CopyResult =
  | { ok: true; manifest: Manifest; bytes: number; leftOut: Buffer[] }
  | { ok: false; field: string; problem: string; hint: string };

export interface CopyInput {
  workspace: string;
  /** an empty folder */
  copy: string;
  /** absolute paths that are not copied */
  hidden: readonly string[];
  /** bytes; a larger workspace is refused */
  maximum: number;
  /** kernel id that the copy belongs to, where that is not our own */
  owner: number | undefined;
}

interface State {
  input: CopyInput;
  from: Buffer;
  to: Buffer;
  hidden: Set<string>;
  bytes: number;
  leftOut: Buffer[];
  paths: Buffer[];
  /** owner of the workspace */
  belongsTo: bigint;
  /** device:inode → first copy of a file with several names */
  linked: Map<string, Buffer>;
}

class TooLarge extends Error {}

const seconds = (milliseconds: bigint, nanoseconds: bigint) =>
  Number(milliseconds / 1000n) + Number(nanoseconds % 1_000_000_000n) / 1e9;

const timesOf = (stats: BigIntStats): [number, number] => [
  seconds(stats.atimeMs, stats.atimeNs),
  seconds(stats.mtimeMs, stats.mtimeNs),
];

function copyFile(state: State, source: Buffer, target: Buffer, stats: BigIntStats): void {
  const key = `${stats.dev}:${stats.ino}`;
  const first = stats.nlink > 1n ? state.linked.get(key) : undefined;
  if (first) {
    linkSync(first, target);
    return;
  }
  state.bytes += Number(stats.size);
  if (state.bytes > state.input.maximum) throw new TooLarge();
  copyFileSync(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  state.linked.set(key, target);
}

function copyEntry(state: State, path: Buffer): void {
  const source = joinPath(state.from, path);
  const target = joinPath(state.to, path);
  if (state.hidden.has(pathKey(source))) return;
  const stats = statOf(source);
  if (!stats) return;
  const { owner } = state.input;
  // as root we read all; the program gets what the workspace's owner has, and what everybody may read
  if (owner !== undefined && stats.uid !== state.belongsTo && (stats.mode & 0o004n) === 0n) {
    state.leftOut.push(path);
    return;
  }
  try {
    if (stats.isDirectory()) mkdirSync(target, 0o700);
    else if (stats.isSymbolicLink()) symlinkSync(readlinkSync(source, { encoding: 'buffer' }), target);
    else if (stats.isFile()) copyFile(state, source, target, stats);
    else {
      state.leftOut.push(path);
      return;
    }
    if (stats.isDirectory()) {
      for (const name of namesIn(source)) copyEntry(state, joinPath(path, name));
    }
  } catch (error) {
    // what we cannot read the program could not either; what vanished meanwhile is not there
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'ENOENT') throw error;
    state.leftOut.push(path);
    if (!statOf(target)?.isDirectory()) return;
  }
  state.paths.push(path);
  if (owner !== undefined) lchownSync(target, owner, owner);
  if (stats.isSymbolicLink()) lutimesSync(target, ...timesOf(stats));
  else {
    const special = stats.isDirectory() ? 0o7777n : 0o777n;
    chmodSync(target, Number(stats.mode & special));
    utimesSync(target, ...timesOf(stats));
  }
}

/** @throws the file system's own error where the copy cannot be made whole */
export function copyWorkspace(input: CopyInput): CopyResult {
  const state: State = {
    input,
    from: Buffer.from(input.workspace),
    to: Buffer.from(input.copy),
    hidden: new Set(input.hidden.map((path) => pathKey(Buffer.from(path)))),
    bytes: 0,
    leftOut: [],
    paths: [],
    belongsTo: statOf(Buffer.from(input.workspace))?.uid ?? -1n,
    linked: new Map(),
  };
  try {
    for (const name of namesIn(state.from)) copyEntry(state, name);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    return {
      ok: false,
      field: 'compute.disk',
      problem: `the workspace ${input.workspace} is larger than compute.disk, and the reduced isolation works on a copy of it`,
      hint: 'raise compute.disk, or name a smaller folder under files.workspace',
    };
  }
  const manifest = new Map<string, { path: Buffer; ino: bigint; ctimeNs: bigint; size: bigint }>();
  for (const path of state.paths) {
    const stats = statOf(joinPath(state.to, path));
    if (stats)
      manifest.set(pathKey(path), { path, ino: stats.ino, ctimeNs: stats.ctimeNs, size: stats.size });
  }
  return { ok: true, manifest, bytes: state.bytes, leftOut: state.leftOut };
}
