/**
 * What a view is made of: everything of the host that a cell's file system shows, and nothing else.
 *
 * @module
 */
import type { MountFlags } from '../../contract/index.ts';

/** Where the host's files are looked up; tests set `machineRoot` to a folder that imitates `/`. */
export interface Machine {
  /** `/`, or a folder that stands for it */
  machineRoot: string;
}

/** A host file or folder (symbolic links resolved) shown at `target`. */
export interface Bind {
  source: string;
  target: string;
  flags: MountFlags;
  directory: boolean;
}

/** A symbolic link `path` → `link`, the text as the link holds it. */
export interface ViewSymlink {
  link: string;
  path: string;
}

/** A file with content of its own; `mode` in octal. */
export interface ViewFile {
  path: string;
  mode: string;
  content: string;
}

/** Something that one would expect to see and that stays outside, and why. */
export interface LeftOut {
  path: string;
  reason: string;
}

export interface View {
  /** parents before children; no target lies below another bind of the view */
  binds: Bind[];
  symlinks: ViewSymlink[];
  files: ViewFile[];
  /** paths below a bind to cover: places of credentials inside a toolchain */
  masks: string[];
  leftOut: LeftOut[];
}

export const READ_ONLY: MountFlags = 'ro,nosuid,nodev,rec';
