/**
 * What a contract gives beyond another one.
 *
 * @module
 */
import type { Maximum } from '../../contract/maximum.ts';

/** Something that the contract gives and the maximum does not. */
export interface Beyond {
  /** Path of the contract that gives it: `network[0].methods`. */
  readonly clause: string;
  /** What it gives, as a clause of a sentence. */
  readonly text: string;
  /** One case of it: a path, a host, a request, a value. */
  readonly witness: string;
  /** Path of the maximum that would have to give it. */
  readonly limit: string;
  /** What to write instead, a sentence without its full stop. */
  readonly fix: string;
}

/** What could not be found out: it is not said to be contained. */
export interface Undecided {
  readonly clause: string;
  readonly text: string;
}

export interface Containment {
  /** In the order of the contract's format; empty: contained, unless something is undecided. */
  readonly beyond: readonly Beyond[];
  readonly undecided: readonly Undecided[];
}

export interface ContainmentOptions {
  /** The operator's home, absolute; what `~` stands for. */
  readonly home?: string;
  /** Absolute folder of the contract's file: what its relative paths, and those of the maximum, start from. */
  readonly folder?: string;
  /** Files that a program's name leads to on this machine; `undefined` where it is not there. Without it, names are compared as written. */
  readonly resolveProgram?: (name: string) => readonly string[] | undefined;
  /** Where links of this machine lead from an absolute path; `undefined` where nothing is there. Without it, links are not followed. */
  readonly realPath?: (path: string) => string | undefined;
}

/** Collects what is found; what the maximum leaves to any is not looked at. */
export class Findings {
  readonly beyond: Beyond[] = [];
  readonly undecided: Undecided[] = [];
  readonly #any: Maximum['any'];

  constructor({ any }: Maximum) {
    this.#any = any;
  }

  /** Whether the maximum says `any` of a path, or of one above it. */
  isAny(path: string): boolean {
    for (let at = path; at !== ''; at = at.replace(/(\.[^.[\]]*|\[[^\]]*\]|^[^.[\]]*)$/, ''))
      if (this.#any.has(at)) return true;
    return false;
  }

  add(found: Beyond): void {
    this.beyond.push(found);
  }

  leave(clause: string, text: string): void {
    this.undecided.push({ clause, text });
  }
}
