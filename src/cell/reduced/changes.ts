/**
 * The change list of a run on a copy: the copy against the original, in the shape of the overlay's.
 *
 * A file of the copy whose inode, size and ctime are what they were when the program started is as it was: nobody sets
 * ctime. All others are compared byte by byte.
 *
 * @module
 */
import { type BigIntStats, chmodSync, rmdirSync, rmSync } from 'node:fs';
import {
  type Change,
  type Changes,
  changeOf,
  type Entry,
  entryOf,
  escapePath,
  isTooDeep,
  joinPath,
  listOf,
  namesIn,
  pathKey,
  sameEntry,
  statOf,
  tooDeep,
} from '../changes/index.ts';
import type { Manifest } from './copy.ts';

export interface CopyChangesInput {
  original: string;
  copy: string;
  manifest: Manifest;
  /** when the run began, milliseconds since 1970: later changes of the original are reported */
  startedAt: number;
}

interface State {
  original: Buffer;
  copy: Buffer;
  manifest: Manifest;
  startedAtNs: bigint;
  changes: Change[];
  originalChanged: Buffer[];
  seen: Set<string>;
  linked: Map<string, Buffer>;
  /** a folder whose content cannot be read */
  tooDeep?: Buffer;
}

/** The kernel stamps files with the time of the last clock tick: up to 10 ms in the past. */
const CLOCK_TICK_NS = 10_000_000n;

function originalOf(state: State, path: Buffer): { stats: BigIntStats; place: Buffer } | undefined {
  if (!state.manifest.has(pathKey(path))) return undefined; // hidden, or made by the program
  const place = joinPath(state.original, path);
  const stats = statOf(place);
  if (!stats) return undefined;
  if (stats.ctimeNs >= state.startedAtNs) state.originalChanged.push(path);
  return { stats, place };
}

/** Permissions that a copy keeps: set-id bits of files are not among them. */
const kept = ({ type, mode }: Entry) => (type === 'directory' ? mode : mode & 0o777);

/** What the program closed even to its owner is opened for us; its mode is recorded before. */
function open(place: Buffer, stats: BigIntStats): void {
  const needed = stats.isDirectory() ? 0o700 : 0o400;
  if ((stats.isDirectory() || stats.isFile()) && (Number(stats.mode) & needed) !== needed) {
    chmodSync(place, (Number(stats.mode) & 0o7777) | needed);
  }
}

function visit(state: State, path: Buffer): void {
  const place = joinPath(state.copy, path);
  const stats = statOf(place);
  if (!stats) return;
  state.seen.add(pathKey(path));
  const known = state.manifest.get(pathKey(path));
  const untouched =
    known !== undefined &&
    known.ino === stats.ino &&
    known.ctimeNs === stats.ctimeNs &&
    known.size === stats.size;
  if (!untouched) compare(state, path, place, stats);
  else if (!stats.isDirectory()) return;
  if (!stats.isDirectory()) return;
  open(place, stats);
  if (isTooDeep(place, joinPath(state.original, path))) {
    state.tooDeep ??= path;
    return;
  }
  for (const name of namesIn(place)) visit(state, joinPath(path, name));
}

function compare(state: State, path: Buffer, place: Buffer, stats: BigIntStats): void {
  const after = entryOf(place, stats);
  open(place, stats);
  const key = `${stats.dev}:${stats.ino}`;
  const several = stats.isFile() && stats.nlink > 1n;
  const first = several ? state.linked.get(key) : undefined;
  if (several && !first) state.linked.set(key, path);
  const common = { path, after, ...(first ? { sameFileAs: first } : {}) };
  const original = originalOf(state, path);
  if (!original) {
    state.changes.push(changeOf({ ...common, kind: 'added' }));
    return;
  }
  const before = entryOf(original.place, original.stats);
  if (!sameEntry(before, after, { before: original.place, after: place }))
    state.changes.push(changeOf({ ...common, kind: 'modified', before }));
  else if (before.type !== 'symlink' && kept(before) !== kept(after))
    state.changes.push(changeOf({ ...common, kind: 'mode', before }));
}

/** @throws the file system's own error where a side cannot be read: an unreadable change set must not look empty */
export function copyChanges(input: CopyChangesInput): Changes {
  const state: State = {
    original: Buffer.from(input.original),
    copy: Buffer.from(input.copy),
    manifest: input.manifest,
    startedAtNs: BigInt(Math.floor(input.startedAt)) * 1_000_000n - CLOCK_TICK_NS,
    changes: [],
    originalChanged: [],
    seen: new Set(),
    linked: new Map(),
  };
  for (const name of namesIn(state.copy)) visit(state, name);
  for (const [key, { path }] of state.manifest) {
    if (state.seen.has(key)) continue;
    const original = originalOf(state, path);
    if (!original) continue;
    const before = entryOf(original.place, original.stats);
    state.changes.push(changeOf({ kind: 'deleted', path, before }));
  }
  return {
    ...listOf(state.changes),
    originalChanged: state.originalChanged.sort(Buffer.compare),
    complete: state.tooDeep === undefined,
    ...(state.tooDeep && { reason: tooDeep(escapePath(state.tooDeep)) }),
  };
}

/** Leaves in the copy only what the run changed, as an overlay's upper folder does. */
export function keepChanged(copy: string, { changes }: Changes): void {
  const changed = new Set(changes.filter(({ kind }) => kind !== 'deleted').map(({ path }) => pathKey(path)));
  thin(Buffer.from(copy), Buffer.alloc(0), changed);
}

function thin(root: Buffer, folder: Buffer, changed: ReadonlySet<string>): boolean {
  let empty = true;
  for (const name of namesIn(folder.length === 0 ? root : joinPath(root, folder))) {
    const path = joinPath(folder, name);
    const place = joinPath(root, path);
    const keep = changed.has(pathKey(path));
    if (statOf(place)?.isDirectory()) {
      if (isTooDeep(place)) empty = false;
      else if (thin(root, path, changed) && !keep) rmdirSync(place);
      else empty = false;
    } else if (keep) empty = false;
    else rmSync(place, { force: true });
  }
  return empty;
}
