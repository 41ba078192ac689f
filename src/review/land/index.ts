/**
 * Landing a reviewed change set in its workspace: whole or not at all, and back again.
 *
 * @module
 */
export { ConflictError } from './commit.ts';
export { type Journal, journalPath, readJournal } from './journal.ts';
export { copyContent } from './stage.ts';
export { withNeeded } from './steps.ts';
export {
  type Archive,
  archivePath,
  type LandInput,
  type LandResult,
  land,
  readArchive,
  recover,
  undoItems,
} from './transaction.ts';
