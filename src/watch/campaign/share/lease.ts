/**
 * Who judges: one controller of those that run, until it ends, hangs or is stopped; then another.
 *
 * A lock would outlast a controller that is stopped (Ctrl-Z) or lives in another pid namespace, so what counts is that
 * the file was touched lately. Two judges for a moment do no harm: what both find is told once.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const JUDGE = 'judge';
/** A holder that has not touched the file for so long is none. Unit: milliseconds. */
const STALE = 1500;

export class Lease {
  readonly #path: string;
  readonly #own = randomBytes(12).toString('base64url');
  #held = false;

  /** @param folder the shared one */
  constructor(folder: string) {
    this.#path = join(folder, JUDGE);
  }

  get held(): boolean {
    return this.#held;
  }

  /** Keeps it, or takes it where nobody has it. To be called every few hundred milliseconds. */
  renew(now: number = Date.now()): boolean {
    if (this.#held) this.#held = this.#touch(now);
    if (!this.#held) this.#held = this.#take(now);
    return this.#held;
  }

  release(): void {
    if (this.#held && read(this.#path) === this.#own) remove(this.#path);
    this.#held = false;
  }

  #touch(now: number): boolean {
    if (read(this.#path) !== this.#own) return false;
    try {
      utimesSync(this.#path, now / 1000, now / 1000);
      return true;
    } catch {
      return false;
    }
  }

  #take(now: number): boolean {
    const seen = read(this.#path);
    if (seen !== undefined) {
      if (!isStale(this.#path, now)) return false;
      const aside = `${this.#path}.${this.#own}`;
      try {
        renameSync(this.#path, aside);
      } catch {
        return false; // another was first
      }
      const taken = read(aside);
      if (taken !== seen) putBack(aside, this.#path);
      remove(aside);
      if (taken !== seen) return false;
    }
    const beside = `${this.#path}.new.${this.#own}`;
    try {
      writeFileSync(beside, this.#own, { mode: 0o600 });
      linkSync(beside, this.#path);
      return true;
    } catch {
      return false;
    } finally {
      remove(beside);
    }
  }
}

/** A clock that was set back makes a file of the future: as stale as one of long ago. */
function isStale(path: string, now: number): boolean {
  try {
    return Math.abs(now - statSync(path).mtimeMs) > STALE;
  } catch {
    return false;
  }
}

function putBack(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // a third one has it
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // it is gone
  }
}
