/**
 * Values with the places where they are written, whatever format they come from.
 *
 * @module
 */
import type { Path, Position } from '../../contract/index.ts';

export type Scalar = string | number | boolean | null;

/** Where the value starts: in the file that is read, if no other is named. Aliases and merged keys are where they were written out. */
export interface Spot extends Position {
  readonly file?: string;
}

export type Tree =
  | { readonly kind: 'map'; readonly at: Spot; readonly entries: ReadonlyMap<string, Entry> }
  | { readonly kind: 'list'; readonly at: Spot; readonly items: readonly Tree[] }
  | { readonly kind: 'scalar'; readonly at: Spot; readonly value: Scalar; readonly text: string };

export interface Entry {
  readonly key: Spot;
  readonly value: Tree;
}

/** What is wrong with a text, where. */
export interface Fault extends Spot {
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
}

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Values of one file, aliases written out, and their depth; beyond them it is no configuration, but an attack on its reader. */
export const MAX_VALUES = 100_000;
export const MAX_DEPTH = 64;

export const START: Position = { line: 1, column: 1 };

export const failed = (at: Position, message: string, hint: string): { ok: false; faults: Fault[] } => ({
  ok: false,
  faults: [{ ...at, path: [], message, hint }],
});
