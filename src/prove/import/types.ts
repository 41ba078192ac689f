/**
 * What goes into the readers of other formats, and what comes out.
 *
 * @module
 */
import type { Problem } from '../../contract/index.ts';
import type { Kind, Setting } from '../setting/index.ts';

/** Formats of others that are read. */
export type ForeignKind = Exclude<Kind, 'contract'>;

export interface Input {
  /** Bytes as read, or text. */
  readonly content: string | Uint8Array;
  /** What problems and places call the file. */
  readonly file: string;
  /** Text of a file that this one names, by its path from this one’s folder; without it such files are unexpressed. */
  readonly beside?: (path: string) => string | undefined;
}

export type Imported =
  /** One setting for each container, pod or sandbox that the file starts, in its order; never empty. */
  | { readonly ok: true; readonly settings: readonly Setting[] }
  /** In the order of the file. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Longest input in bytes: more is a mistake, or meant to keep the reader from seeing all of it. */
export const MAX_INPUT_BYTES = 262_144;

/** Containers of one file; more than these nobody writes by hand, and each is proved by itself. */
export const MAX_SETTINGS = 256;
