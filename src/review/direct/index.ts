/**
 * Direct workspaces: the agent changes the original itself, and a snapshot says what it was.
 *
 * @module
 */
export { compareDirect } from './compare.ts';
export { readManifest, type SnapshotResult, takeSnapshot, writeManifest } from './snapshot.ts';
