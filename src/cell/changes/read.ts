/**
 * From an overlay's upper directory to the list of changes.
 *
 * Format: Documentation/filesystems/overlayfs.rst of the kernel. A whiteout is a character device 0:0, or an empty file with
 * `overlay.whiteout`; `overlay.opaque` "y" hides the lower folder; `overlay.redirect` names the lower folder that a
 * renamed one shows, absolute from the layer's root or a name beside it; `overlay.metacopy` is a file whose content is still
 * the lower one's. Attributes are `user.overlay.*` for ordinary users, `trusted.overlay.*` for root.
 *
 * @module
 */
import type { BigIntStats } from 'node:fs';
import { entryOf, isTooDeep, namesIn, statOf, tooDeep, typeOf } from './entries.ts';
import { changeOf, listOf, sameEntry } from './list.ts';
import { escapePath, isPlainPath, joinPath, parentPath, pathKey } from './names.ts';
import type { AttributesResult, Change, Changes, Entry, ReadAttributes } from './types.ts';

export interface ReadChangesInput {
  /** the original folder */
  lower: string;
  /** the overlay's upper directory */
  upper: string;
  /** how to read the overlay's attributes */
  attributes: ReadAttributes;
  /** when the run began, milliseconds since 1970: later changes of the original are reported */
  startedAt?: number;
  /** modes that the program gave, where those on disk were changed for us */
  modes?: ReadonlyMap<string, number>;
}

/** The kernel stamps files with the time of the last clock tick: up to 10 ms in the past. */
const CLOCK_TICK_MS = 10;

interface State {
  lower: Buffer;
  upper: Buffer;
  marks: Map<string, Map<string, Buffer>>;
  startedAtNs: bigint | undefined;
  modes: ReadonlyMap<string, number>;
  changes: Change[];
  originalChanged: Map<string, Buffer>;
  /** device:inode of upper files with several names → the first one's path */
  linked: Map<string, Buffer>;
  /** lower paths that a renamed folder shows */
  redirected: Set<string>;
  /** deletions of what lay at this very path in the original: perhaps the old place of a renamed folder */
  deletedInPlace: Set<Change>;
  /** a folder whose content cannot be read */
  tooDeep?: Buffer;
}

/** The place of a folder in the original: its path there, and whether the overlay still looks into it. */
interface Original {
  path: Buffer;
  merged: boolean;
}

function mark(state: State, path: Buffer, name: string): Buffer | undefined {
  return state.marks.get(pathKey(path))?.get(name);
}

function isWhiteout(state: State, path: Buffer, stats: BigIntStats): boolean {
  if (stats.isCharacterDevice() && stats.rdev === 0n) return true;
  return stats.isFile() && stats.size === 0n && mark(state, path, 'whiteout') !== undefined;
}

/** Look at the original's side of a touched path, and notice when it changed since the run began. */
function originalStat(state: State, path: Buffer): BigIntStats | undefined {
  const stats = statOf(joinPath(state.lower, path));
  if (stats && state.startedAtNs !== undefined && stats.ctimeNs >= state.startedAtNs) {
    state.originalChanged.set(pathKey(path), path);
  }
  return stats;
}

function record(state: State, change: Omit<Change, 'shown' | 'executable'>): Change {
  const recorded = changeOf(change);
  state.changes.push(recorded);
  return recorded;
}

/** Everything in the original below and including `original` is gone; `path` is where it was in the view. */
function deleteTree(state: State, path: Buffer, original: Buffer): void {
  const stats = originalStat(state, original);
  if (!stats) return;
  const place = joinPath(state.lower, original);
  const deletion = record(state, { kind: 'deleted', path, before: entryOf(place, stats) });
  if (path.equals(original)) state.deletedInPlace.add(deletion);
  if (!stats.isDirectory()) return;
  for (const name of namesIn(place)) deleteTree(state, joinPath(path, name), joinPath(original, name));
}

/** The layer says something that no kernel writes: somebody forged it, or it is damaged. */
export class ForgedLayerError extends Error {
  override readonly name = 'ForgedLayerError';
  readonly code = 'forged-layer';
}

/**
 * Where a redirect leads in the lower layer: always below it, and by folders alone.
 *
 * @throws ForgedLayerError
 */
function redirectTarget(state: State, value: Buffer, original: Original): Buffer {
  const absolute = value[0] === 0x2f;
  const target = absolute ? value.subarray(1) : joinPath(parentPath(original.path), value);
  if (!isPlainPath(target) || (!absolute && value.includes(0x2f)))
    throw new ForgedLayerError(`${escapePath(original.path)} is redirected to ${escapePath(value)}`);
  for (let at = parentPath(target); at.length > 0; at = parentPath(at)) {
    const stats = statOf(joinPath(state.lower, at));
    if (stats && !stats.isDirectory())
      throw new ForgedLayerError(
        `${escapePath(original.path)} is redirected to ${escapePath(value)}, through what is no folder`,
      );
  }
  return target;
}

function isSame(state: State, path: Buffer, before: Entry, after: Entry, original: Buffer): boolean {
  // the content is still the lower file's
  const isMeta =
    before.type === 'file' && after.type === 'file' && mark(state, path, 'metacopy') !== undefined;
  const places = { before: joinPath(state.lower, original), after: joinPath(state.upper, path) };
  return isMeta || sameEntry(before, after, places);
}

/** A name for a file with several; the first one met is the file, the others are its links. */
function sameFileAs(state: State, path: Buffer, stats: BigIntStats): Buffer | undefined {
  if (!stats.isFile() || stats.nlink < 2n) return undefined;
  const key = `${stats.dev}:${stats.ino}`;
  const first = state.linked.get(key);
  if (!first) state.linked.set(key, path);
  return first;
}

function visitFolder(state: State, path: Buffer, original: Original | undefined): void {
  const names = namesIn(joinPath(state.upper, path));
  if (original && !original.merged) {
    const kept = new Set(names.map(pathKey));
    for (const name of namesIn(joinPath(state.lower, original.path))) {
      if (!kept.has(pathKey(name))) {
        deleteTree(state, joinPath(path, name), joinPath(original.path, name));
      }
    }
  }
  for (const name of names) {
    const below = original && { path: joinPath(original.path, name), merged: original.merged };
    visit(state, joinPath(path, name), below);
  }
}

function visit(state: State, path: Buffer, sameName: Original | undefined): void {
  const place = joinPath(state.upper, path);
  const stats = statOf(place);
  if (!stats) return;
  if (isWhiteout(state, path, stats)) {
    if (sameName) deleteTree(state, path, sameName.path);
    return;
  }
  const redirect = mark(state, path, 'redirect');
  const original: Original | undefined =
    redirect && sameName ? { path: redirectTarget(state, redirect, sameName), merged: true } : sameName;
  const renamed = original !== undefined && original !== sameName && stats.isDirectory();
  const before = original && originalStat(state, original.path);
  const found = entryOf(place, stats);
  const after = { ...found, mode: state.modes.get(pathKey(path)) ?? found.mode };
  const sameFile = sameFileAs(state, path, stats);
  const common = { path, after, ...(sameFile ? { sameFileAs: sameFile } : {}) };

  if (renamed && before?.isDirectory()) {
    // what the original had under the new name is covered by the renamed folder
    if (sameName) deleteTree(state, path, sameName.path);
    state.redirected.add(pathKey(original.path));
    const entry = entryOf(joinPath(state.lower, original.path), before);
    record(state, { ...common, kind: 'renamed', before: entry, from: original.path });
  } else if (!before || !original) record(state, { ...common, kind: 'added' });
  else recordDifference(state, common, before, original.path);

  if (!stats.isDirectory()) return;
  if (isTooDeep(place, joinPath(state.lower, path))) {
    state.tooDeep ??= path;
    return;
  }
  if (!before?.isDirectory() || !original) visitFolder(state, path, undefined);
  else {
    const opaque = mark(state, path, 'opaque')?.toString() === 'y';
    visitFolder(state, path, { path: original.path, merged: original.merged && !opaque });
  }
}

function recordDifference(
  state: State,
  common: { path: Buffer; after: Entry },
  beforeStats: BigIntStats,
  original: Buffer,
): void {
  const { path, after } = common;
  const before = entryOf(joinPath(state.lower, original), beforeStats);
  const kind = !isSame(state, path, before, after, original)
    ? 'modified'
    : before.mode !== after.mode && before.type !== 'symlink'
      ? 'mode'
      : undefined;
  if (kind) record(state, { ...common, kind, before });
  if (typeOf(beforeStats) !== 'directory' || after.type === 'directory') return;
  // a folder gave way to something else: each thing in it is a deletion of its own
  const place = joinPath(state.lower, original);
  for (const name of namesIn(place)) deleteTree(state, joinPath(path, name), joinPath(original, name));
}

/** A renamed folder's old place holds a whiteout: that is the rename, told once, not a deletion of everything. */
function withoutMoved({ changes, redirected, deletedInPlace }: State): Change[] {
  if (redirected.size === 0) return [...changes];
  return changes.filter((change) => {
    if (!deletedInPlace.has(change)) return true;
    for (let at = change.path; at.length > 0; at = parentPath(at)) {
      if (redirected.has(pathKey(at))) return false;
    }
    return true;
  });
}

function completeness(
  { tooDeep: deepest }: State,
  read: AttributesResult,
): Pick<Changes, 'complete' | 'reason'> {
  if (deepest) return { complete: false, reason: tooDeep(escapePath(deepest)) };
  return read.ok ? { complete: true } : { complete: false, reason: read.reason };
}

/**
 * The changes of a run.
 *
 * Copied-up files whose content and permissions are the original's are no changes. Folders that are replaced are expanded,
 * so that every deletion is listed by itself.
 *
 * @throws the file system's own error where a side cannot be read: an unreadable change set must not look empty
 */
export function readChanges(input: ReadChangesInput): Changes {
  const read = input.attributes(input.upper);
  const marks: State['marks'] = new Map();
  for (const { path, name, value } of read.ok ? read.attributes : []) {
    const short = /^(?:user|trusted)\.overlay\.(\w+)$/.exec(name)?.[1];
    if (short === undefined) continue;
    const of = marks.get(pathKey(path)) ?? new Map<string, Buffer>();
    marks.set(pathKey(path), of.set(short, value));
  }
  const state: State = {
    lower: Buffer.from(input.lower),
    upper: Buffer.from(input.upper),
    marks,
    modes: input.modes ?? new Map(),
    startedAtNs:
      input.startedAt === undefined
        ? undefined
        : BigInt(Math.floor(input.startedAt - CLOCK_TICK_MS)) * 1_000_000n,
    changes: [],
    originalChanged: new Map(),
    linked: new Map(),
    redirected: new Set(),
    deletedInPlace: new Set(),
  };
  const opaqueRoot = mark(state, Buffer.alloc(0), 'opaque')?.toString() === 'y';
  visitFolder(state, Buffer.alloc(0), { path: Buffer.alloc(0), merged: !opaqueRoot });

  return {
    ...listOf(withoutMoved(state)),
    originalChanged: [...state.originalChanged.values()].sort(Buffer.compare),
    ...completeness(state, read),
  };
}
