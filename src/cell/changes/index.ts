/**
 * Changes: what a run did to its workspace, read from the overlay's upper directory.
 *
 * @module
 */
export { attributesByLauncher } from './attributes.ts';
export { entryOf, isTooDeep, namesIn, sameContent, statOf, tooDeep } from './entries.ts';
export { changeOf, listOf, sameEntry } from './list.ts';
export { escapePath, isPlainPath, joinPath, parentPath, pathKey } from './names.ts';
export { type KeptModes, openClosed } from './open.ts';
export { type ReadChangesInput, readChanges } from './read.ts';
export type { Change, Changes, Entry, EntryType, OverlayAttribute, ReadAttributes } from './types.ts';
