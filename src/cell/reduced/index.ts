/**
 * The reduced isolation, `isolation: landlock`: a cell without namespaces and mounts, for machines that refuse them. The
 * program works on a copy of the workspace; Landlock, seccomp and limits are all that stands between it and the rest.
 *
 * @module
 */
export { copyChanges, keepChanged } from './changes.ts';
export { type CopyInput, type CopyResult, copyWorkspace, type Manifest } from './copy.ts';
export {
  type ReducedFolders,
  reducedFoldersOf,
  removeReducedFolders,
  removeTree,
  standIns,
} from './folders.ts';
export { reducedPolicy } from './policy.ts';
export { type Prepared, prepareReduced, reducedNotice } from './prepare.ts';
