/**
 * Looking at the host's files. What is absent and what is refused are the same: nothing to cover.
 *
 * @module
 */
import { type Dirent, lstatSync, readdirSync } from 'node:fs';

/** Entries of a folder, or none. */
export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Whether a regular file is there; a link to one is none. */
export function isFile(path: string): boolean {
  try {
    return lstatSync(path).isFile();
  } catch {
    return false;
  }
}
