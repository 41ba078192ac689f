/**
 * A change set as it is reviewed: per path, what it was and what it would be.
 *
 * @module
 */
import type { EntryType } from '../../cell/changes/index.ts';
import type { Trigger } from '../../contract/triggers.ts';

/** What lies at a path. */
export interface State {
  type: EntryType;
  /** permission bits, 0o7777 */
  mode: number;
  uid: number;
  gid: number;
  /** bytes of a file's content, else 0 */
  size: number;
  /** a symbolic link's target */
  link?: Buffer;
  /** of a file's content, hex; absent where the file is too large to be read */
  sha256?: string;
}

/** A path that differs. Folders are items of their own; a moved folder is each of its entries, marked {@link Item.movedFrom}. */
export interface Item {
  /** relative to the workspace, as bytes */
  path: Buffer;
  /** the path for people: one line, nothing in it drives a terminal */
  shown: string;
  /** `mode`: permissions or owner alone */
  kind: 'added' | 'modified' | 'mode' | 'deleted';
  before?: State;
  after?: State;
  /** where the content of `after` can be read, absolute */
  source?: Buffer;
  /** where the content of `before` can be read, absolute */
  original?: Buffer;
  /** the same content was there before, and is no more */
  movedFrom?: Buffer;
  movedTo?: Buffer;
  /** another item whose inode this is: it lands as a copy */
  sameFileAs?: Buffer;
  /** the original's path was changed since the run began */
  originalChanged?: boolean;
}

/** Where an item is shown: most dangerous first. */
export type Section =
  | 'refused'
  | 'deleted'
  | 'modes'
  | 'symlinks'
  | 'executables'
  | 'runs later'
  | 'decides success'
  | 'rest';

export interface Reviewed extends Item {
  section: Section;
  /** why it cannot land at all */
  refusal?: string;
  /** things to know, one line each: `points outside of the workspace`, `run by git at commit` … */
  notes: string[];
  trigger?: Trigger;
  /** matches `objective.success.protect` */
  decidesSuccess: boolean;
}

export interface ChangeSet {
  items: Reviewed[];
  /** SHA-256 over all items: {@link digestOf} */
  digest: string;
  /** absolute path of the original */
  workspace: string;
  /** what is known to be missing, for people; undefined: complete */
  incomplete?: string;
}
