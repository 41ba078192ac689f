/**
 * Puts a page into its place: whole or not at all, and for its owner alone.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** The page cannot be put there. */
export class ReportFileError extends Error {
  override readonly name = 'ReportFileError';
  readonly code = 'unwritable';
  readonly hint = 'name a file that can be written: --output FILE';
}

/**
 * Replaces what lies there, a link as such: nothing is written through it.
 *
 * @returns the file’s absolute path
 * @throws ReportFileError where it is a folder or cannot be written; what lay there is then as it was
 */
export function writeReport(written: string, text: string): string {
  const path = resolve(written);
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new ReportFileError(`${path} is a folder`);
  const beside = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}`);
  try {
    const file = openSync(beside, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new ReportFileError((error as Error).message, { cause: error });
  }
  return path;
}
