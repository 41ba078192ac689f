/**
 * From the list of changes that a run left to one item per path: renamed folders are written out, each side gets its full
 * state, owners are what they will be when it lands.
 *
 * @module
 */
import {
  type Change,
  type Changes,
  escapePath,
  joinPath,
  namesIn,
  parentPath,
  pathKey,
  statOf,
} from '../../cell/changes/index.ts';
import { sameContentAs, sameState, stateAt } from './state.ts';
import type { Item, State } from './types.ts';

export interface FlattenInput {
  changes: Changes;
  /** the original, absolute */
  lower: string;
  /** where what was added or changed lies, absolute */
  upper: string;
  /** id that the cell's files have on disk, where that is not the workspace owner's: theirs becomes the owner's */
  cellId?: number | undefined;
  /** mode and owner of what was there, where those of `lower` are not (a snapshot) */
  kept?: ((path: Buffer) => Pick<State, 'mode' | 'uid' | 'gid'> | undefined) | undefined;
  /** whether the original of an item was changed by somebody else; `byTime`: it was changed since the run began */
  isOriginalChanged?: ((path: Buffer, before: State | undefined, byTime: boolean) => boolean) | undefined;
}

interface Place {
  path: Buffer;
  /** where it lies as the run left it; undefined: gone */
  source: Buffer | undefined;
  /** the mode that the run gave it, where what is on disk was opened for us */
  mode: number | undefined;
  sameFileAs: Buffer | undefined;
}

/** Everything below a folder of the original, itself first. */
function* walk(root: Buffer, folder: Buffer): Generator<Buffer> {
  yield folder;
  if (!statOf(joinPath(root, folder))?.isDirectory()) return;
  for (const name of namesIn(joinPath(root, folder))) yield* walk(root, joinPath(folder, name));
}

function touched({ changes, lower, upper }: FlattenInput): Map<string, Place> {
  const [root, layer] = [Buffer.from(lower), Buffer.from(upper)];
  const places = new Map<string, Place>();
  const put = (path: Buffer, source: Buffer | undefined, change?: Change) =>
    places.set(pathKey(path), {
      path,
      source,
      mode: change?.after?.type === 'symlink' ? undefined : change?.after?.mode,
      sameFileAs: change?.sameFileAs,
    });
  const renames = changes.changes.filter(({ kind }) => kind === 'renamed');
  // first everything leaves its old place, then it comes to the new one: two folders may have changed places
  for (const { from } of renames) if (from) for (const path of walk(root, from)) put(path, undefined);
  for (const { path, from } of renames) {
    if (!from) continue;
    for (const old of walk(root, from)) {
      const below = old.subarray(from.length);
      put(Buffer.concat([path, below]), joinPath(root, old));
    }
  }
  for (const change of changes.changes) {
    put(change.path, change.after ? joinPath(layer, change.path) : undefined, change);
  }
  return places;
}

/** @throws the file system's own error where something cannot be read: an unreadable change set must not look smaller */
export function flatten(input: FlattenInput): Item[] {
  const root = Buffer.from(input.lower);
  const owner = statOf(root);
  const changed = new Set(input.changes.originalChanged.map(pathKey));
  const landed = (state: State): State => {
    if (input.cellId === undefined || !owner) return state;
    const uid = state.uid === input.cellId ? Number(owner.uid) : state.uid;
    const gid = state.gid === input.cellId ? Number(owner.gid) : state.gid;
    return { ...state, uid, gid };
  };
  const isChanged = input.isOriginalChanged ?? ((_path, _before, byTime) => byTime);
  const isBelowFolders = makeFolderCheck(root);
  const items: Item[] = [];
  for (const { path, source, mode, sameFileAs } of touched(input).values()) {
    const there = isBelowFolders(path) ? stateAt(joinPath(root, path)) : undefined;
    const kept = there && input.kept?.(path);
    const before =
      kept && there
        ? { ...there, mode: there.type === 'symlink' ? 0o777 : kept.mode, uid: kept.uid, gid: kept.gid }
        : there;
    const found = source && stateAt(source);
    const after = found && landed(mode === undefined ? found : { ...found, mode });
    if (sameState(before, after)) continue;
    const kind = !before ? 'added' : !after ? 'deleted' : sameContentAs(before, after) ? 'mode' : 'modified';
    items.push({
      path,
      shown: escapePath(path),
      kind,
      ...(before && { before, original: joinPath(root, path) }),
      ...(after && { after }),
      ...(source && { source }),
      ...(sameFileAs && { sameFileAs }),
      ...(isChanged(path, before, changed.has(pathKey(path)) && before?.type !== 'directory') && {
        originalChanged: true,
      }),
    });
  }
  items.sort((a, b) => Buffer.compare(a.path, b.path));
  markMoves(items);
  return items;
}

/** Whether all parents of a path are folders of the original: what a link leads to is not in the workspace. */
function makeFolderCheck(root: Buffer): (path: Buffer) => boolean {
  const known = new Map<string, boolean>();
  const isFolder = (path: Buffer): boolean => {
    if (path.length === 0) return true;
    const key = pathKey(path);
    const found =
      known.get(key) ??
      (isFolder(parentPath(path)) && (statOf(joinPath(root, path))?.isDirectory() ?? false));
    known.set(key, found);
    return found;
  };
  return (path) => isFolder(parentPath(path));
}

/** A file that is gone here and new there with the same content was moved. The first of several in path order. */
function markMoves(items: Item[]): void {
  const gone = new Map<string, Item[]>();
  for (const item of items) {
    const { before } = item;
    if (item.kind !== 'deleted' || before?.type !== 'file' || !before.sha256 || before.size === 0) continue;
    const known = gone.get(before.sha256);
    if (known) known.push(item);
    else gone.set(before.sha256, [item]);
  }
  for (const several of gone.values()) several.reverse(); // the first is taken from the end, which costs nothing
  for (const item of items) {
    if (item.kind !== 'added' || item.after?.type !== 'file' || !item.after.sha256) continue;
    const from = gone.get(item.after.sha256)?.pop();
    if (!from) continue;
    item.movedFrom = from.path;
    from.movedTo = item.path;
  }
}
