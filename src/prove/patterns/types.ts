/**
 * Patterns as automata: a word is a list of segments (a path's names, a host's labels from the last to the first), a pattern a
 * choice of sequences of segment patterns.
 *
 * Text within a pattern is held as bytes, one character each, because that is how paths are compared.
 *
 * @module
 */

/** Characters that one place of a segment may have, by byte. */
export type CharacterSet = Uint8Array;

/** One place of a segment pattern: a certain byte, one character out of a set, or any number of any characters. */
export type Token = number | CharacterSet | 'star';

/** What one segment may be. */
export type Segment =
  | { readonly kind: 'any' }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'glob'; readonly text: string; readonly tokens: readonly Token[] };

/** `rest` is any number of segments, none included. */
export type Element = Segment | { readonly kind: 'rest' };

/** Paths and hosts never meet in one question. */
export type PatternKind = 'path' | 'host';

export interface Pattern {
  readonly kind: PatternKind;
  /** As it was written. */
  readonly text: string;
  /**
   * Where words begin: `/`, `~` or nothing (the workspace) for paths; `address` or nothing for hosts. Words of different roots are
   * different.
   */
  readonly root: string;
  /** A word matches when it matches one of these. */
  readonly sequences: readonly (readonly Element[])[];
}

export type Parsed =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** An answer that was too large to find. It says nothing about words. */
export interface TooLarge {
  readonly ok: false;
  readonly message: string;
}

/** Bounds of a search. */
export interface PatternLimits {
  /** States of the automata over characters. Default 50,000. */
  readonly characterStates: number;
  /** States of the automaton over segments. Default 200,000. */
  readonly states: number;
  /** Classes of words. Default 100,000. */
  readonly atoms: number;
}
