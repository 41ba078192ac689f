/**
 * A run's result as its program last saw it: the original folder with the run's layer over it, resolved without mounting.
 * The rules are the kernel's, Documentation/filesystems/overlayfs.rst: whiteouts, opaque and redirected folders.
 *
 * @module
 */
import type { BigIntStats } from 'node:fs';
import {
  joinPath,
  namesIn,
  parentPath,
  pathKey,
  type ReadAttributes,
  statOf,
} from '../../cell/changes/index.ts';

/** Something in the result. `place` is where its bytes and mode are on disk. */
export interface Node {
  place: Buffer;
  stats: BigIntStats;
  /** what it is made of: its place in the layer, and the original's folder or file that shows through */
  upper?: Buffer;
  lower?: Buffer;
}

export interface ResultView {
  root: Node;
  /** names in a folder of the result, with what they are */
  children(folder: Node): Map<string, { name: Buffer; node: Node }>;
  /** whether everything at and below it is the original's, at this very path */
  untouched(node: Node | undefined, path: Buffer): boolean;
}

export type OpenedView = { ok: true; view: ResultView } | { ok: false; problem: string };

/**
 * @param original the folder as it was
 * @param layer the run's upper layer; undefined: nothing was changed
 */
export function openView(
  original: string,
  layer: string | undefined,
  attributes: ReadAttributes,
): OpenedView {
  const lowerRoot = Buffer.from(original);
  const marks = new Map<string, Map<string, Buffer>>();
  if (layer !== undefined) {
    const read = attributes(layer);
    // without them a replaced folder looks like a changed one: the result would not be the result
    if (!read.ok) return { ok: false, problem: `the run’s layer cannot be read: ${read.reason}` };
    for (const { path, name, value } of read.attributes) {
      const short = /^(?:user|trusted)\.overlay\.(\w+)$/.exec(name)?.[1];
      if (short === undefined) continue;
      const of = marks.get(pathKey(path)) ?? new Map<string, Buffer>();
      marks.set(pathKey(path), of.set(short, value));
    }
  }
  const upperRoot = layer === undefined ? undefined : Buffer.from(layer);
  const inLower = (path: Buffer) => (path.length === 0 ? lowerRoot : joinPath(lowerRoot, path));
  const inUpper = (path: Buffer) =>
    path.length === 0 ? (upperRoot as Buffer) : joinPath(upperRoot as Buffer, path);
  const mark = (path: Buffer, name: string) => marks.get(pathKey(path))?.get(name);

  const lowerNode = (path: Buffer): Node | undefined => {
    const stats = statOf(inLower(path));
    return stats && { place: inLower(path), stats, lower: path };
  };
  const upperNode = (path: Buffer, stats: BigIntStats, lower: Buffer | undefined): Node | undefined => {
    const place = inUpper(path);
    if (stats.isCharacterDevice() && stats.rdev === 0n) return undefined;
    if (stats.isFile() && stats.size === 0n && mark(path, 'whiteout') !== undefined) return undefined;
    const redirect = mark(path, 'redirect');
    const from =
      redirect &&
      (redirect[0] === 0x2f ? redirect.subarray(1) : lower && joinPath(parentPath(lower), redirect));
    const shown = from ?? lower;
    if (stats.isDirectory()) {
      const opaque = mark(path, 'opaque')?.toString() === 'y';
      const merged = !opaque && shown !== undefined && statOf(inLower(shown))?.isDirectory() === true;
      return { place, stats, upper: path, ...(merged && { lower: shown }) };
    }
    // a file of which only the metadata was copied up: its bytes are the original's
    if (mark(path, 'metacopy') !== undefined && shown) return { place: inLower(shown), stats, upper: path };
    return { place, stats, upper: path };
  };

  const children = (folder: Node) => {
    const found = new Map<string, { name: Buffer; node: Node }>();
    const { upper, lower } = folder;
    const lowerOf = (name: Buffer) => (lower === undefined ? undefined : joinPath(lower, name));
    if (lower !== undefined) {
      for (const name of namesIn(inLower(lower))) {
        const node = lowerNode(joinPath(lower, name));
        if (node) found.set(pathKey(name), { name, node });
      }
    }
    if (upper !== undefined) {
      for (const name of namesIn(inUpper(upper))) {
        const path = joinPath(upper, name);
        const stats = statOf(inUpper(path));
        const node = stats && upperNode(path, stats, lowerOf(name));
        if (node) found.set(pathKey(name), { name, node });
        else found.delete(pathKey(name));
      }
    }
    return found;
  };

  const empty = Buffer.alloc(0);
  const place = upperRoot ?? lowerRoot;
  const stats = statOf(place);
  if (!stats?.isDirectory()) return { ok: false, problem: `${place} is not a folder` };
  return {
    ok: true,
    view: {
      root: { place, stats, lower: empty, ...(upperRoot && { upper: empty }) },
      children,
      untouched: (node, path) =>
        node === undefined
          ? statOf(inLower(path)) === undefined
          : node.upper === undefined && node.lower !== undefined && node.lower.equals(path),
    },
  };
}

/**
 * A workspace that was changed itself, against the snapshot of what it was.
 *
 * @param changed paths that differ, and where renamed ones were: all others are as they were
 */
export function openFolder(workspace: string, snapshot: string, changed: readonly Buffer[]): OpenedView {
  const root = Buffer.from(workspace);
  const place = (path: Buffer) => (path.length === 0 ? root : joinPath(root, path));
  const touched = new Set<string>(['']);
  for (const path of changed) {
    for (let at = path; at.length > 0; at = parentPath(at)) touched.add(pathKey(at));
  }
  const whole = new Set(changed.map(pathKey));
  const isTouched = (path: Buffer): boolean => {
    if (touched.has(pathKey(path))) return true;
    for (let at = path; at.length > 0; at = parentPath(at)) if (whole.has(pathKey(at))) return true;
    return false;
  };
  const stats = statOf(root);
  if (!stats?.isDirectory()) return { ok: false, problem: `${workspace} is not a folder` };
  const children = (folder: Node) => {
    const found = new Map<string, { name: Buffer; node: Node }>();
    const upper = folder.upper as Buffer;
    for (const name of namesIn(place(upper))) {
      const path = joinPath(upper, name);
      const status = statOf(place(path));
      if (status)
        found.set(pathKey(name), { name, node: { place: place(path), stats: status, upper: path } });
    }
    return found;
  };
  return {
    ok: true,
    view: {
      root: { place: root, stats, upper: Buffer.alloc(0) },
      children,
      untouched: (node, path) =>
        node === undefined
          ? statOf(joinPath(Buffer.from(snapshot), path)) === undefined
          : path.length > 0 && !isTouched(path),
    },
  };
}
