/**
 * From items to the steps of a transaction, in the order in which they are done.
 *
 * @module
 */
import { pathKey } from '../../cell/changes/index.ts';
import type { Item, State } from '../set/index.ts';

/**
 * One change of one name.
 * - `remove`: what is there goes to the transaction's store
 * - `put`: a new thing comes to a free name
 * - `replace`: a file or link takes the place of a file or link, in one rename
 * - `mode`: permissions and owner of what stays
 */
export interface Step {
  /** name in the store */
  n: number;
  do: 'remove' | 'put' | 'replace' | 'mode';
  path: Buffer;
  before?: State;
  after?: State;
  /** inode of the staged thing, decimal: tells ours from somebody else's */
  ino?: string;
}

const isFolder = (state: State | undefined) => state?.type === 'directory';

/** Folders are open to their owner while things are put into them. */
const opened = (state: State): State => ({ ...state, mode: state.mode | 0o700 });

export function stepsOf(items: readonly Item[]): Step[] {
  const [first, removals, additions, last]: Step[][] = [[], [], [], []] as [Step[], Step[], Step[], Step[]];
  let n = 0;
  const ordered = [...items].sort((a, b) => Buffer.compare(a.path, b.path));
  for (const { path, before, after, kind } of ordered) {
    const step = { path, ...(before && { before }), ...(after && { after }) };
    if (kind === 'mode' && before && after && isFolder(after)) {
      if ((after.mode & 0o700) !== 0o700 || (before.mode & 0o700) !== 0o700)
        first.push({ n: n++, do: 'mode', path, before, after: opened(after) });
      last.push({ n: n++, do: 'mode', path, before, after });
    } else if (kind === 'mode') additions.push({ n: n++, do: 'mode', ...step });
    else if (before && after && !isFolder(before) && !isFolder(after))
      additions.push({ n: n++, do: 'replace', ...step });
    else {
      const closed = before && isFolder(before) && (before.mode & 0o700) !== 0o700;
      if (closed) first.push({ n: n++, do: 'mode', path, before, after: opened(before) });
      if (before) removals.push({ n: n++, do: 'remove', path, before: closed ? opened(before) : before });
      if (after) additions.push({ n: n++, do: 'put', path, after });
      if (after && isFolder(after) && (after.mode & 0o700) !== 0o700)
        last.push({ n: n++, do: 'mode', path, before: opened(after), after });
    }
  }
  return [...first, ...removals.reverse(), ...additions, ...last.reverse()];
}

/** What must land together with a selection: folders that it needs, and all of what it removes as a whole. */
export function withNeeded<T extends Item>(items: readonly T[], selected: ReadonlySet<T>): T[] {
  const byPath = new Map(items.map((item) => [pathKey(item.path), item]));
  const needed = new Set(selected);
  for (const item of selected) {
    const key = pathKey(item.path);
    for (let at = key.lastIndexOf('/'); at > 0; at = key.lastIndexOf('/', at - 1)) {
      const above = byPath.get(key.slice(0, at));
      if (above && item.after && above.after && !isFolder(above.before)) needed.add(above);
    }
  }
  const gone = [...needed].filter(({ before, after }) => isFolder(before) && !isFolder(after));
  const prefixes = new Set(gone.map(({ path }) => pathKey(path)));
  if (prefixes.size > 0) {
    for (const item of items) {
      const key = pathKey(item.path);
      for (let at = key.indexOf('/'); at > 0; at = key.indexOf('/', at + 1)) {
        if (prefixes.has(key.slice(0, at))) needed.add(item);
      }
    }
  }
  return items.filter((item) => needed.has(item));
}
