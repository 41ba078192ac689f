/**
 * Change sets: read, brought into the order of a review, and given a digest.
 *
 * @module
 */
import { type Changes, joinPath, namesIn, statOf } from '../../cell/changes/index.ts';
import { classify } from './classify.ts';
import { digestOf } from './digest.ts';
import { flatten } from './flatten.ts';
import type { ChangeSet } from './types.ts';

export { SECTIONS } from './classify.ts';
export { digestOf } from './digest.ts';
export { contentDigest, sameContentAs, sameState, stateAt } from './state.ts';
export type { ChangeSet, Item, Reviewed, Section, State } from './types.ts';

export interface ChangeSetInput {
  changes: Changes;
  /** the original, absolute */
  workspace: string;
  /** where what was added or changed lies: an overlay's upper folder, or a thinned copy */
  upper: string;
  /** id that the cell's files have on disk, where that is not the workspace owner's */
  cellId?: number | undefined;
  /** `objective.success.protect` */
  protect: readonly string[];
}

/** @throws the file system's own error where a side cannot be read */
export function makeChangeSet({ changes, workspace, upper, cellId, protect }: ChangeSetInput): ChangeSet {
  const items = flatten({ changes, lower: workspace, upper, cellId });
  const root = Buffer.from(workspace);
  const namesThere = (folder: Buffer) => {
    const place = folder.length === 0 ? root : joinPath(root, folder);
    return statOf(place)?.isDirectory() ? namesIn(place) : [];
  };
  return {
    items: classify(items, { protect, namesThere }),
    digest: digestOf(items),
    workspace,
    ...(changes.complete ? {} : { incomplete: changes.reason ?? 'deletions may be missing' }),
  };
}
