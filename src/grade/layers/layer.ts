/**
 * A layer of our own to lay over a result: copies of files, folders, and marks of deletion.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import {
  type BigIntStats,
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { joinPath, namesIn, statOf } from '../../cell/changes/index.ts';

export class LayerError extends Error {
  override readonly name = 'LayerError';
  readonly code = 'layer';
  readonly hint = 'free some disk space, or protect fewer files under objective.success.protect';
}

export interface LayerOptions {
  /** an empty folder */
  folder: string;
  /** kernel id that it belongs to, where that is not our own */
  owner: number | undefined;
  /** marks deletions; undefined: they are only listed, for {@link Layer.deleted} */
  launcher: string | undefined;
  /** bytes that it may take */
  maximum: number;
}

/** Writes to one layer; paths are relative to it. */
export class Layer {
  readonly #options: LayerOptions;
  readonly #root: Buffer;
  readonly #whiteouts: Buffer[] = []; // relative
  /** modes of folders are set last: one that is read-only takes nothing more */
  readonly #modes: { place: Buffer; mode: number }[] = [];
  #bytes = 0;
  #empty = true;

  constructor(options: LayerOptions) {
    this.#options = options;
    this.#root = Buffer.from(options.folder);
    mkdirSync(options.folder, { mode: 0o755 });
    this.#give(this.#root, 0o755);
  }

  /** Nothing was written to it. */
  get empty(): boolean {
    return this.#empty;
  }

  /** Paths below that it hides. */
  get deleted(): readonly Buffer[] {
    return this.#whiteouts;
  }

  get folder(): string {
    return this.#options.folder;
  }

  #give(place: Buffer, mode: number | undefined): void {
    const { owner } = this.#options;
    if (owner !== undefined) lchownSync(place, owner, owner);
    if (mode !== undefined) chmodSync(place, mode);
  }

  #place(path: Buffer): Buffer {
    this.#empty = false;
    return path.length === 0 ? this.#root : joinPath(this.#root, path);
  }

  /** A folder, with the mode of the one it stands for; one that is there already stays. */
  directory(path: Buffer, mode: number): void {
    const place = this.#place(path);
    if (statOf(place)) return;
    mkdirSync(place, { mode: 0o700 });
    this.#give(place, 0o700);
    this.#modes.unshift({ place, mode: mode & 0o1777 });
  }

  /** A copy of a file or link, or of a folder with all that `select` takes of it. What is neither is left out. */
  copy(
    path: Buffer,
    source: Buffer,
    stats: BigIntStats,
    select: (path: Buffer) => boolean = () => true,
  ): void {
    if (stats.isDirectory()) {
      this.directory(path, Number(stats.mode & 0o7777n));
      for (const name of namesIn(source)) {
        const child = joinPath(source, name);
        const found = statOf(child);
        const below = joinPath(path, name);
        if (found && select(below)) this.copy(below, child, found, select);
      }
      return;
    }
    if (!stats.isFile() && !stats.isSymbolicLink()) return;
    const place = this.#place(path);
    if (stats.isSymbolicLink()) {
      symlinkSync(readlinkSync(source, { encoding: 'buffer' }), place);
      this.#give(place, undefined);
      return;
    }
    this.#count(Number(stats.size));
    copyFileSync(source, place, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    this.#give(place, Number(stats.mode & 0o777n));
    utimesSync(place, Number(stats.atimeMs) / 1000, Number(stats.mtimeMs) / 1000);
  }

  /** A file with this content. */
  file(path: Buffer, content: Buffer, mode: number): void {
    this.#count(content.length);
    const place = this.#place(path);
    writeFileSync(place, content, { mode: 0o600, flag: 'wx' });
    this.#give(place, mode & 0o777);
  }

  /** Hides what is at this path below; the folder around it must be in the layer. */
  whiteout(path: Buffer): void {
    this.#empty = false;
    this.#whiteouts.push(path);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#options.maximum) {
      throw new LayerError(
        `the files to be laid over the result are more than ${this.#options.maximum} bytes`,
      );
    }
  }

  /** @throws LayerError where a deletion cannot be marked */
  finish(): void {
    const { launcher } = this.#options;
    if (launcher !== undefined && this.#whiteouts.length > 0) this.#mark(launcher);
    for (const { place, mode } of this.#modes) chmodSync(place, mode);
  }

  #mark(launcher: string): void {
    const places = this.#whiteouts.map((path) => joinPath(this.#root, path));
    const input = Buffer.concat(places.flatMap((place) => [place, Buffer.of(0)]));
    const { status, stderr, error } = spawnSync(launcher, ['whiteouts'], { input });
    if (status !== 0)
      throw new LayerError(`a deletion cannot be marked: ${error?.message ?? stderr.toString().trim()}`);
  }
}
