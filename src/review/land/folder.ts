/**
 * Working below a folder without ever following a link: parents are opened, found by the kernel's own word to lie where they
 * should, and used through their descriptors, so that a folder that is swapped for a link meanwhile is an error and never a
 * way out.
 *
 * Node has no openat(2) and no openat2(2); `/proc/self/fd/N/NAME` is the same as the former to the kernel (proc_pid_fd(5)),
 * and the link `/proc/self/fd/N` does for the latter's RESOLVE_NO_SYMLINKS.
 *
 * @module
 */
import {
  type BigIntStats,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
} from 'node:fs';
import { escapePath, isPlainPath, joinPath, parentPath, pathKey } from '../../cell/changes/index.ts';

/** open(2): a descriptor that only names a place; Node does not list it, the number is the same on x86-64 and arm64. */
const O_PATH = 0o10000000;
// asm-generic and arm64 differ in these two, Node knows them for its own machine
const FOLDER = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

const KEPT_OPEN = 64;

/** Thrown where a parent of a path is not a folder any more, but a link or a file. */
export class SwappedFolderError extends Error {
  override readonly name = 'SwappedFolderError';
  readonly path: Buffer;
  constructor(path: Buffer, cause: unknown) {
    super('a folder on the way is a link or is gone', { cause });
    this.path = path;
  }
}

export class OpenFolder {
  readonly #descriptor: number;
  readonly #open = new Map<string, number>();

  /** @throws the file system's error where `path` is no folder, or is a link */
  constructor(path: string | Buffer) {
    this.#descriptor = openSync(path, FOLDER);
  }

  get device(): number {
    return fstatSync(this.#descriptor).dev;
  }

  #folder(path: Buffer): number {
    if (path.length === 0) return this.#descriptor;
    const key = pathKey(path);
    const known = this.#open.get(key);
    if (known !== undefined) {
      // the last one used is the last one closed: a caller may hold the paths of several
      this.#open.delete(key);
      this.#open.set(key, known);
      return known;
    }
    const descriptor = this.#openBelow(path);
    for (const [oldest, unused] of this.#open) {
      if (this.#open.size < KEPT_OPEN) break;
      closeSync(unused);
      this.#open.delete(oldest);
    }
    this.#open.set(key, descriptor);
    return descriptor;
  }

  /** In one call however deep it lies; where a link led elsewhere, what was opened is not where it should be. */
  #openBelow(path: Buffer): number {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(below(this.#descriptor, path), FOLDER);
      const [root, found] = [placeOf(this.#descriptor), placeOf(descriptor)];
      if (found.equals(placeBelow(root, path))) return descriptor;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENOENT')
        throw new SwappedFolderError(path, error);
      throw error;
    }
    closeSync(descriptor);
    throw new SwappedFolderError(path, undefined);
  }

  /**
   * A path that leads to `path` and to nothing else; for immediate use, its last name is not to be followed.
   *
   * @throws RangeError where it would lead out: whatever was reviewed, nothing lands above the workspace
   */
  at(path: Buffer): Buffer {
    if (!isPlainPath(path)) throw new RangeError(`${escapePath(path)} is no path below the workspace`);
    return below(this.#folder(parentPath(path)), nameOf(path));
  }

  stat(path: Buffer): BigIntStats | undefined {
    try {
      return lstatSync(this.at(path), { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      if (error instanceof SwappedFolderError) return undefined;
      throw error;
    }
  }

  names(path: Buffer): Buffer[] {
    return readdirSync(Buffer.from(`/proc/self/fd/${this.#folder(path)}`), { encoding: 'buffer' });
  }

  /** Mode and owner of a file or folder, never of what a link leads to. */
  setMode(path: Buffer, mode: number, owner?: { uid: number; gid: number }): void {
    const descriptor = openSync(this.at(path), O_PATH | constants.O_NOFOLLOW);
    try {
      const stats = fstatSync(descriptor);
      if (stats.isSymbolicLink()) throw new SwappedFolderError(path, undefined);
      const place = `/proc/self/fd/${descriptor}`;
      if (owner && (owner.uid !== stats.uid || owner.gid !== stats.gid))
        chownSync(place, owner.uid, owner.gid);
      chmodSync(place, mode);
    } finally {
      closeSync(descriptor);
    }
  }

  /** After folders were moved: what was opened may lie elsewhere. */
  forget(): void {
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }

  close(): void {
    this.forget();
    closeSync(this.#descriptor);
  }
}

const ROOT = Buffer.from('/');

/** Where the kernel says that a descriptor's folder lies now (proc_pid_fd(5)). */
const placeOf = (descriptor: number): Buffer =>
  readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: 'buffer' });

const placeBelow = (root: Buffer, path: Buffer): Buffer =>
  root.equals(ROOT) ? Buffer.concat([ROOT, path]) : joinPath(root, path);

const nameOf = (path: Buffer): Buffer => path.subarray(path.lastIndexOf(0x2f) + 1);

const below = (descriptor: number, name: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`/proc/self/fd/${descriptor}/`), name]);
