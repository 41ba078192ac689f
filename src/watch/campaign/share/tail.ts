/**
 * Follows files of lines that others append to.
 *
 * @module
 */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Of one file so much is taken at once. Unit: bytes. */
const PIECE = 256 * 1024;
/** A longer line is none of ours. */
const LONGEST = 64 * 1024;

export class Tail {
  #at = 0;
  #rest = '';
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What is there already does not matter. */
  skip(): void {
    try {
      this.#at = statSync(this.#path).size;
    } catch {
      // it is not there yet
    }
  }

  /** Whole lines that were written since. A file that became shorter is another one: it is read anew. */
  lines(): string[] {
    let fd: number;
    try {
      const { size } = statSync(this.#path);
      if (size < this.#at) [this.#at, this.#rest] = [0, ''];
      if (size === this.#at) return [];
      fd = openSync(this.#path, 'r');
    } catch {
      return [];
    }
    try {
      const lines: string[] = [];
      const buffer = Buffer.alloc(PIECE);
      for (;;) {
        const count = readSync(fd, buffer, 0, PIECE, this.#at);
        if (count === 0) return lines;
        this.#at += count;
        const parts = (this.#rest + buffer.toString('latin1', 0, count)).split('\n');
        this.#rest = parts.pop() ?? '';
        if (this.#rest.length > LONGEST) this.#rest = '';
        lines.push(...parts.filter((line) => line !== '' && line.length <= LONGEST));
      }
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

  /** @param budget bytes that are read of what is there already, the newest files first */
  constructor(folder: string, ending: string, budget: number) {
    this.#folder = folder;
    this.#ending = ending;
    const files = this.#names().map((name) => ({ name, ...sizeOf(join(folder, name)) }));
    files.sort((a, b) => b.changed - a.changed);
    let left = budget;
    for (const { name, size } of files) {
      left -= size;
      if (left < 0) this.#tail(name).skip();
    }
  }

  /** @param name of the file that has changed, where it is known; else all are looked at */
  lines(name?: string): string[] {
    if (name !== undefined) return name.endsWith(this.#ending) ? this.#tail(name).lines() : [];
    const names = this.#names();
    for (const gone of [...this.#tails.keys()].filter((one) => !names.includes(one)))
      this.#tails.delete(gone);
    return names.flatMap((one) => this.#tail(one).lines());
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

function sizeOf(path: string): { size: number; changed: number } {
  try {
    const { size, mtimeMs } = statSync(path);
    return { size, changed: mtimeMs };
  } catch {
    return { size: 0, changed: 0 };
  }
}
