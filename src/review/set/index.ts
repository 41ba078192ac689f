/**
 * Change sets: read, brought into the order of a review, and given a digest.
 *
 * @module
 */
import { joinPath, namesIn, statOf } from '../../cell/changes/index.ts';
import { classify } from './classify.ts';
import { digestOf } from './digest.ts';
import { type FlattenInput, flatten } from './flatten.ts';
import type { ChangeSet } from './types.ts';

export { SECTIONS } from './classify.ts';
export { digestOf } from './digest.ts';
export { contentDigest, sameContentAs, sameState, stateAt } from './state.ts';
export type { ChangeSet, Item, Reviewed, Section, State } from './types.ts';

export interface ChangeSetInput extends FlattenInput {
  /** the workspace, absolute; `lower` is the same but for a direct run, where it is the snapshot */
  workspace: string;
  /** `objective.success.protect` */
  protect: readonly string[];
}

/** @throws the file system's own error where a side cannot be read */
export function makeChangeSet(input: ChangeSetInput): ChangeSet {
  const { changes, workspace, protect } = input;
  const items = flatten(input);
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
