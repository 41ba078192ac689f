/**
 * Doing and undoing the steps of a transaction. Each step is one or two renames, and can be asked for again: what is in the
 * staging folder tells how far it came, which is all that recovery needs.
 *
 * In the staging folder `new/N` is what step N puts, `old/N` what it takes away.
 *
 * @module
 */
import { linkSync, lstatSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { escapePath } from '../../cell/changes/index.ts';
import { type State, sameState, stateAt } from '../set/index.ts';
import type { OpenFolder } from './folder.ts';
import type { Step } from './steps.ts';

/** Somebody else changed a path that the transaction is about to change. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  readonly path: Buffer;
  constructor(path: Buffer, what: string) {
    super(`${escapePath(path)}: ${what}`);
    this.path = path;
  }
}

export interface Stage {
  folder: OpenFolder;
  /** name of the staging folder, below the workspace */
  name: string;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

export const stagedPath = ({ name }: Stage, side: 'new' | 'old', n: number): Buffer =>
  Buffer.from(`${name}/${side}/${n}`);

const sameInode = (stage: Stage, a: Buffer, b: Buffer): boolean => {
  const [one, two] = [stage.folder.stat(a), stage.folder.stat(b)];
  return one !== undefined && two !== undefined && one.ino === two.ino && one.dev === two.dev;
};

/** Checks that a path is what it was when the change was reviewed. A folder's content is its items' business. */
export function expectState(stage: Stage, path: Buffer, expected: State | undefined): void {
  const stats = stage.folder.stat(path);
  const found = stats && stateAt(stage.folder.at(path), stats);
  if (sameState(found, expected)) return;
  const what = found ? (expected ? 'it is not what it was' : 'something is there now') : 'it is gone';
  throw new ConflictError(path, what);
}

/** A rename that replaces nothing, as well as that can be told without renameat2(2). */
function move(stage: Stage, from: Buffer, to: Buffer): void {
  if (stage.folder.stat(to)) throw new ConflictError(to, 'something is there now');
  const folder = stage.folder.stat(from)?.isDirectory();
  renameSync(stage.folder.at(from), stage.folder.at(to));
  if (folder) stage.folder.forget();
}

/** Gives a staged file or link its name; an existing name is never replaced (link(2) refuses). */
function give(stage: Stage, from: Buffer, to: Buffer): void {
  try {
    linkSync(stage.folder.at(from), stage.folder.at(to));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') {
      if (!sameInode(stage, from, to)) throw new ConflictError(to, 'something is there now');
    } else if (['EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV'].includes(code)) {
      move(stage, from, to); // no hard links here
      return;
    } else throw error;
  }
  unlinkSync(stage.folder.at(from));
}

function setState(stage: Stage, path: Buffer, { mode, uid, gid }: State): void {
  stage.folder.setMode(path, mode, { uid, gid });
}

/**
 * Does a step.
 *
 * @param check looks at the path before it is touched; it throws {@link ConflictError}
 */
export function forward(stage: Stage, step: Step, check: (step: Step) => void): void {
  const { folder } = stage;
  folder.forget(); // a parent may have been swapped since the last step
  const [fresh, old] = [stagedPath(stage, 'new', step.n), stagedPath(stage, 'old', step.n)];
  switch (step.do) {
    case 'remove':
      if (folder.stat(old)) return;
      check(step);
      if (step.before?.type === 'directory' && folder.names(step.path).length > 0)
        throw new ConflictError(step.path, 'it holds what was not part of the change');
      move(stage, step.path, old);
      return;
    case 'put': {
      const staged = folder.stat(fresh);
      if (!staged) return;
      if (staged.isDirectory()) move(stage, fresh, step.path);
      else give(stage, fresh, step.path);
      return;
    }
    case 'replace':
      if (!folder.stat(fresh)) return;
      if (!folder.stat(old)) {
        check(step);
        try {
          linkSync(folder.at(step.path), folder.at(old));
        } catch (error) {
          if (codeOf(error) === 'ENOENT') throw new ConflictError(step.path, 'it is gone');
          renameSync(folder.at(step.path), folder.at(old)); // protected_hardlinks: another's file
        }
      } else if (folder.stat(step.path) && !sameInode(stage, old, step.path)) {
        throw new ConflictError(step.path, 'it is not what it was');
      }
      if (folder.stat(step.path)) renameSync(folder.at(fresh), folder.at(step.path));
      else give(stage, fresh, step.path);
      return;
    case 'mode':
      if (step.after) setState(stage, step.path, step.after);
      return;
  }
}

/** What a step put is still there, and is ours. */
function expectOurs(stage: Stage, step: Step): void {
  const found = stage.folder.stat(step.path);
  if (!found || found.ino.toString() !== step.ino)
    throw new ConflictError(step.path, 'it is not what was put');
}

/** Takes a step back, however far it came. */
export function backward(stage: Stage, step: Step): void {
  const { folder } = stage;
  folder.forget(); // a parent may have been swapped since the last step
  const [fresh, old] = [stagedPath(stage, 'new', step.n), stagedPath(stage, 'old', step.n)];
  switch (step.do) {
    case 'remove':
      if (folder.stat(old)) move(stage, old, step.path);
      return;
    case 'put':
      if (folder.stat(fresh)) {
        if (sameInode(stage, fresh, step.path)) unlinkSync(folder.at(step.path));
        return;
      }
      expectOurs(stage, step);
      move(stage, step.path, fresh);
      return;
    case 'replace':
      if (!folder.stat(old)) return;
      if (folder.stat(fresh)) {
        if (sameInode(stage, old, step.path)) unlinkSync(folder.at(old));
        else move(stage, old, step.path);
        return;
      }
      expectOurs(stage, step);
      renameSync(folder.at(old), folder.at(step.path));
      return;
    case 'mode':
      if (step.before && folder.stat(step.path)) setState(stage, step.path, step.before);
      return;
  }
}

/** Removes the staging folder with all that is in it. Nothing in it is followed. */
export function removeStage(stage: Stage): void {
  const { folder, name } = stage;
  for (const side of ['new', 'old']) {
    const inside = Buffer.from(`${name}/${side}`);
    if (!folder.stat(inside)) continue;
    for (const n of folder.names(inside)) {
      const place = folder.at(Buffer.concat([inside, Buffer.from('/'), n]));
      if (lstatSync(place).isDirectory()) rmdirSync(place);
      else unlinkSync(place);
    }
  }
  folder.forget();
  for (const path of [`${name}/new`, `${name}/old`, name]) {
    if (folder.stat(Buffer.from(path))) rmdirSync(folder.at(Buffer.from(path)));
  }
}
