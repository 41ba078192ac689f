/**
 * The change list of a run: what differs between the original folder and the folder as the agent left it.
 *
 * @module
 */

export type EntryType = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'device';

/** One side of a change. `mode` are the permission bits, `size` is in bytes. */
export interface Entry {
  type: EntryType;
  mode: number;
  size: number;
  /** where a symbolic link points to */
  link?: Buffer;
}

export interface Change {
  /** `modified`: content, target or type; `mode`: permissions alone; `renamed`: a folder with all that is in it */
  kind: 'added' | 'modified' | 'mode' | 'deleted' | 'renamed';
  /** relative to the folder, as bytes: names need not be UTF-8 */
  path: Buffer;
  /** the path for people: control, direction and invalid bytes escaped */
  shown: string;
  /** in the original; absent for `added` */
  before?: Entry;
  /** as the agent left it; absent for `deleted` */
  after?: Entry;
  /** where a renamed folder was */
  from?: Buffer;
  /** a file that can be executed now and could not before, or is new or changed and can be */
  executable: boolean;
  /** path of another change that is the same file (a hard link) */
  sameFileAs?: Buffer;
}

export interface Changes {
  /** ordered by path, byte by byte */
  changes: Change[];
  summary: { added: number; modified: number; mode: number; deleted: number; renamed: number; bytes: number };
  /** touched paths that changed in the original while the run went on: applying would overwrite somebody's work */
  originalChanged: Buffer[];
  /** false: the overlay's own marks could not be read, so deletions inside replaced folders may be missing */
  complete: boolean;
  /** why it is not complete */
  reason?: string;
}

/** An extended attribute `user.overlay.*` or `trusted.overlay.*`: path relative to the folder (empty: itself). */
export interface OverlayAttribute {
  path: Buffer;
  name: string;
  value: Buffer;
}

export type AttributesResult = { ok: true; attributes: OverlayAttribute[] } | { ok: false; reason: string };

/** Reads the overlay attributes of everything below a folder. Node has no call for it. */
export type ReadAttributes = (directory: string) => AttributesResult;
