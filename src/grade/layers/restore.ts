/**
 * Restoring protected files: a layer over a run's result in which everything that the patterns name is as it was in the
 * original, and nothing is there that was not.
 *
 * Both trees are walked by name, so that it does not matter by which trick a protected file went: edited, deleted, renamed
 * with its folder, or its folder replaced by a link to another one.
 *
 * @module
 */
import {
  escapePath,
  joinPath,
  namesIn,
  parentPath,
  pathKey,
  sameContent,
  statOf,
} from '../../cell/changes/index.ts';
import type { Layer } from './layer.ts';
import type { Node, ResultView } from './view.ts';

/** A protected path that the run changed; the places are where its bytes are. */
export interface Altered {
  path: Buffer;
  shown: string;
  how: 'added' | 'modified' | 'deleted';
  before?: Buffer;
  after?: Buffer;
}

export interface RestoreInput {
  original: string;
  view: ResultView;
  /** whether a path of the workspace is protected */
  isProtected: (path: string) => boolean;
  /** what of the original was never part of the result, by {@link pathKey}: it is not brought into it */
  absent?: ReadonlySet<string>;
  layer: Layer;
}

interface State {
  original: Buffer;
  view: ResultView;
  isProtected: (path: Buffer) => boolean;
  isAbsent: (path: Buffer) => boolean;
  layer: Layer;
  altered: Altered[];
}

const inOriginal = (state: State, path: Buffer): Buffer =>
  path.length === 0 ? state.original : joinPath(state.original, path);

const originalNames = (state: State, path: Buffer): Buffer[] =>
  statOf(inOriginal(state, path))?.isDirectory()
    ? namesIn(inOriginal(state, path)).filter((name) => !state.isAbsent(joinPath(path, name)))
    : [];

/** The folders around a path, as they are in the result, or else in the original. */
function makeParents(state: State, path: Buffer, modes: readonly number[]): void {
  const parents: Buffer[] = [];
  for (let at = parentPath(path); at.length > 0; at = parentPath(at)) parents.unshift(at);
  for (const [index, parent] of parents.entries()) state.layer.directory(parent, modes[index] ?? 0o755);
}

function note(state: State, path: Buffer, node: Node | undefined): void {
  const before = statOf(inOriginal(state, path));
  // written to, and in the end the same
  if (
    before?.isFile() &&
    node?.stats.isFile() &&
    before.size === node.stats.size &&
    before.mode === node.stats.mode
  ) {
    if (sameContent(inOriginal(state, path), node.place)) return;
  }
  state.altered.push({
    path,
    shown: escapePath(path),
    how: before === undefined ? 'added' : node === undefined ? 'deleted' : 'modified',
    ...(before && { before: inOriginal(state, path) }),
    ...(node && { after: node.place }),
  });
}

/** Everything in a folder of the original that is gone, by itself. */
function noteGone(state: State, path: Buffer): void {
  const names = originalNames(state, path);
  if (names.length === 0) note(state, path, undefined);
  for (const name of names) noteGone(state, joinPath(path, name));
}

/** A path whose name is protected: it becomes the original's, with everything below. */
function restore(state: State, path: Buffer, node: Node | undefined, modes: readonly number[]): void {
  if (state.view.untouched(node, path)) return;
  const before = statOf(inOriginal(state, path));
  makeParents(state, path, modes);
  if (before === undefined) {
    if (node === undefined) return;
    state.layer.whiteout(path);
    note(state, path, node);
    return;
  }
  if (before.isDirectory() && node?.stats.isDirectory()) {
    const mode = Number(before.mode & 0o7777n);
    state.layer.directory(path, mode);
    const children = state.view.children(node);
    for (const { name, node: child } of children.values())
      restore(state, joinPath(path, name), child, [...modes, mode]);
    for (const name of originalNames(state, path)) {
      if (!children.has(name.toString('latin1')))
        restore(state, joinPath(path, name), undefined, [...modes, mode]);
    }
    return;
  }
  state.layer.copy(path, inOriginal(state, path), before, (below) => !state.isAbsent(below));
  if (before.isDirectory()) {
    noteGone(state, path);
    if (node) note(state, path, node);
  } else note(state, path, node);
}

/** Whether the original has something protected at or below a path. */
function holdsProtected(state: State, path: Buffer): boolean {
  return (
    state.isProtected(path) ||
    originalNames(state, path).some((name) => holdsProtected(state, joinPath(path, name)))
  );
}

/** A folder of the result that is not protected itself. */
function visit(state: State, path: Buffer, node: Node, modes: readonly number[]): void {
  if (path.length > 0 && state.view.untouched(node, path)) return;
  const inside = path.length === 0 ? modes : [...modes, Number(node.stats.mode & 0o7777n)];
  const children = state.view.children(node);
  for (const { name, node: child } of children.values())
    visitChild(state, joinPath(path, name), child, inside);
  for (const name of originalNames(state, path)) {
    if (!children.has(name.toString('latin1'))) visitChild(state, joinPath(path, name), undefined, inside);
  }
}

function visitChild(state: State, path: Buffer, node: Node | undefined, modes: readonly number[]): void {
  if (state.isProtected(path)) {
    restore(state, path, node, modes);
    return;
  }
  if (node?.stats.isDirectory()) {
    visit(state, path, node, modes);
    return;
  }
  // a folder that is gone, or gave way to a file or a link, comes back for the protected files that were in it
  const before = statOf(inOriginal(state, path));
  if (!before?.isDirectory() || !holdsProtected(state, path)) return;
  const mode = Number(before.mode & 0o7777n);
  makeParents(state, path, modes);
  state.layer.directory(path, mode);
  for (const name of originalNames(state, path))
    visitChild(state, joinPath(path, name), undefined, [...modes, mode]);
}

/**
 * Writes the layer.
 *
 * @returns what was protected and changed; empty: the result with the protected files restored is the result
 */
export function restoreProtected(input: RestoreInput): Altered[] {
  const state: State = {
    original: Buffer.from(input.original),
    view: input.view,
    // names that are not UTF-8 are matched as what they look like: every pattern with a star takes them
    isProtected: (path) => input.isProtected(path.toString()),
    isAbsent: (path) => input.absent?.has(pathKey(path)) ?? false,
    layer: input.layer,
    altered: [],
  };
  visit(state, Buffer.alloc(0), input.view.root, []);
  return state.altered.sort((a, b) => Buffer.compare(a.path, b.path));
}
