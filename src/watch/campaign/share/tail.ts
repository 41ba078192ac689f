/**
 * Follows files of lines that others append to.
 *
 * @module
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join } from 'node:path';

/** Of one file so much is taken at once. Unit: bytes. */
const PIECE = 256 * 1024;
/** A longer line is none of ours. */
const LONGEST = 64 * 1024;
/** Of what is there already a run may fill so much of the budget: who tells much makes nobody forget the others. */
const PART = 1 / 16;

/**
 * Opens what is a plain file of this user; whatever else lies there (a link, a pipe, somebody else's) is not followed, nor
 * waited for.
 *
 * @param flags of open(2), beside those
 */
export function openOwn(path: string, flags: number): { fd: number; status: Stats } | undefined {
  let fd: number;
  try {
    fd = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  } catch (error) {
    // a file that is written to has to be there
    if ((flags & constants.O_WRONLY) !== 0) throw error;
    return undefined;
  }
  const status = fstatSync(fd);
  if (status.isFile() && status.uid === process.geteuid?.()) return { fd, status };
  closeSync(fd);
  return undefined;
}

export class Tail {
  #at = 0;
  #file = 0;
  #rest = '';
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Of what is there already only the last lines matter. @param bytes of them */
  skipTo(bytes: number): void {
    const { size, ino } = sizeOf(this.#path);
    if (size <= bytes) return;
    // from the byte before, so that what is left of a line is told from a whole one
    this.#at = size - bytes - 1;
    this.#file = ino;
    this.#rest = '\0';
  }

  /**
   * Whole lines that were written since. A file that became shorter, or is another one, is read anew.
   *
   * @param most bytes to read now; the rest is there the next time
   */
  lines(most: number = Number.POSITIVE_INFINITY): string[] {
    const { size, ino } = sizeOf(this.#path);
    if (ino === this.#file && size === this.#at) return [];
    const opened = openOwn(this.#path, constants.O_RDONLY);
    if (!opened) return [];
    const { fd, status } = opened;
    try {
      if (status.size < this.#at || status.ino !== this.#file) [this.#at, this.#rest] = [0, ''];
      this.#file = status.ino;
      const lines: string[] = [];
      const buffer = Buffer.alloc(Math.min(PIECE, Math.max(1, status.size - this.#at)));
      for (let taken = 0; taken < most; ) {
        const count = readSync(fd, buffer, 0, buffer.length, this.#at);
        if (count === 0) return lines;
        taken += count;
        this.#at += count;
        const parts = (this.#rest + buffer.toString('latin1', 0, count)).split('\n');
        this.#rest = parts.pop() ?? '';
        if (this.#rest.length > LONGEST) this.#rest = '\0';
        for (const line of parts)
          if (line !== '' && line.length <= LONGEST && !line.startsWith('\0')) lines.push(line);
      }
      return lines;
    } finally {
      closeSync(fd);
    }
  }
}

/** All files of a folder with this ending. */
export class TailFolder {
  readonly #folder: string;
  readonly #ending: string;
  readonly #tails = new Map<string, Tail>();
  /** bytes that were there before, and are left out */
  readonly skipped: number;

  /**
   * @param budget bytes that are read of what is there already: the files that changed last first, of each run no more than
   *   a sixteenth
   */
  constructor(folder: string, ending: string, budget: number) {
    this.#folder = folder;
    this.#ending = ending;
    const files = this.#names().map((name) => ({ name, ...sizeOf(join(folder, name)) }));
    files.sort((a, b) => b.mtimeMs - a.mtimeMs || (a.name < b.name ? 1 : -1));
    let [left, skipped] = [budget, 0];
    const parts = new Map<string, number>();
    for (const { name, size } of files) {
      const run = name.slice(0, name.indexOf('.'));
      const part = parts.get(run) ?? budget * PART;
      const kept = Math.max(0, Math.floor(Math.min(size, part, left)));
      parts.set(run, part - kept);
      left -= kept;
      skipped += size - kept;
      if (kept < size) this.#tail(name).skipTo(kept);
    }
    this.skipped = skipped;
  }

  /**
   * @param name of the file that has changed, where it is known; else all are looked at
   * @param most bytes of each file
   */
  *lines(name?: string, most?: number): Generator<string[]> {
    if (name !== undefined) {
      if (name.endsWith(this.#ending)) yield this.#tail(name).lines(most);
      return;
    }
    const names = new Set(this.#names());
    for (const known of this.#tails.keys()) if (!names.has(known)) this.#tails.delete(known);
    for (const one of names) yield this.#tail(one).lines(most);
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder).filter((one) => one.endsWith(this.#ending));
    } catch {
      return [];
    }
  }

  #tail(name: string): Tail {
    const known = this.#tails.get(name);
    if (known) return known;
    const tail = new Tail(join(this.#folder, name));
    this.#tails.set(name, tail);
    return tail;
  }
}

const NONE = { size: 0, mtimeMs: 0, ino: 0 };

function sizeOf(path: string): { size: number; mtimeMs: number; ino: number } {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? NONE;
  } catch {
    return NONE;
  }
}
