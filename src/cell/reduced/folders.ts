/**
 * The folders of a run without mounts: the copy, a home, a temporary folder, all at places that the program's user can
 * reach by itself.
 *
 * @module
 */
import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isTooDeep, joinPath, namesIn } from '../changes/index.ts';

export interface ReducedFolders {
  /** holds the others; its size is the run's disk use */
  base: string;
  /** where the copy of the workspace is made, under the workspace's own name */
  copy: string;
  home: string;
  temporary: string;
}

/** Where the folder goes when an ordinary user cannot pass through the one of the run (root's is closed). */
const SHARED = ['/var/tmp', '/tmp'];

const passable = (path: string): boolean =>
  path === '/' || ((statSync(path).mode & 0o001) !== 0 && passable(dirname(path)));

const below = (base: string, workspace: string): ReducedFolders => ({
  base,
  copy: join(base, 'copy', basename(workspace)),
  home: join(base, 'home'),
  temporary: join(base, 'tmp'),
});

/** Every place where the folders of a run may lie. */
export function reducedFoldersOf(run: { id: string; path: string }): string[] {
  return [join(run.path, 'cell', 'reduced'), ...SHARED.map((folder) => join(folder, `ringfence-${run.id}`))];
}

/** What the folders of a run stand for in the eyes of its program: its workspace, its home, a temporary folder. */
export function standIns(
  run: { id: string; path: string },
  places: { workspace: string; home: string },
): (readonly [folder: string, standsFor: string])[] {
  return reducedFoldersOf(run).flatMap((base) => {
    const { copy, home, temporary } = below(base, places.workspace);
    return [[copy, places.workspace] as const, [home, places.home] as const, [temporary, '/tmp'] as const];
  });
}

/**
 * Makes them, empty and closed to all others.
 *
 * @param owner kernel id that they belong to, where that is not our own
 * @throws the file system's error; nothing may run then
 */
export function makeReducedFolders(
  run: { id: string; path: string },
  workspace: string,
  owner: number | undefined,
): ReducedFolders {
  const [own = '', ...shared] = reducedFoldersOf(run);
  const place =
    owner === undefined || passable(dirname(own)) ? own : shared.find((path) => usable(dirname(path)));
  if (place === undefined)
    throw new Error(`neither ${SHARED.join(' nor ')} can hold a copy of the workspace`);
  const folders = below(place, workspace);
  mkdirSync(folders.base, { mode: 0o700 }); // a folder that is there already is somebody else's: an error
  for (const path of [dirname(folders.copy), folders.copy, folders.home, folders.temporary]) {
    mkdirSync(path, { mode: 0o700 });
  }
  const closed = join(folders.base, 'closed');
  writeFileSync(closed, 'A probe that opens this has passed Landlock.\n', { mode: 0o600 });
  if (owner !== undefined) {
    for (const path of [closed, folders.copy, dirname(folders.copy), folders.home, folders.temporary]) {
      chownSync(path, owner, owner);
    }
  }
  // it stays ours, so that nobody else can put something in the place of what we remove
  chmodSync(folders.base, owner === undefined ? 0o700 : 0o711);
  return folders;
}

const usable = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true && passable(path);

/** Removes what only a living run needs; with `all`, the copy too. Can be done again. */
export function removeReducedFolders(run: { id: string; path: string }, what: 'all' | 'temporary'): void {
  for (const base of reducedFoldersOf(run)) {
    // in a folder that everybody writes, only what is ours: never follow a name that somebody else made
    const made = lstatSync(base, { throwIfNoEntry: false });
    if (!made?.isDirectory() || made.uid !== process.getuid?.()) continue;
    const parts = what === 'all' ? [base] : ['home', 'tmp', 'closed'].map((name) => join(base, name));
    for (const path of parts) removeTree(path);
  }
}

/** Removes what may hold folders that even their owner cannot enter: a program in a cell made them. Absent is no error. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    openFolders(Buffer.from(path));
    rmSync(path, { recursive: true, force: true });
  }
}

function openFolders(path: Buffer): void {
  const made = lstatSync(path, { throwIfNoEntry: false });
  if (!made?.isDirectory()) return;
  chmodSync(path, 0o700);
  if (isTooDeep(path)) return;
  for (const name of namesIn(path)) openFolders(joinPath(path, name));
}
