/**
 * Puts a page into its place: whole or not at all, and for its owner alone.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The page cannot be put there. */
export class ReportFileError extends Error {
  override readonly name = 'ReportFileError';
  readonly code = 'unwritable';
  readonly hint: string;

  constructor(
    message: string,
    hint = 'name a file that can be written: --output FILE',
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.hint = hint;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'what it names as a folder is none',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'nothing can be written there',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is full',
  ENAMETOOLONG: 'the name is too long',
};

/**
 * Only an ordinary file is replaced. A link leads elsewhere (somebody may have put it there, and `/dev/stdout` is one), and what
 * takes the place of a device such as `/dev/null` breaks the machine.
 */
function mayStandAt(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there || there.isFile()) return;
  if (there.isDirectory())
    throw new ReportFileError(`${path} is a folder`, 'name a file in it: --output FILE');
  if (there.isSymbolicLink())
    throw new ReportFileError(`${path} is a link`, 'name the file itself, or remove the link: --output FILE');
  throw new ReportFileError(`${path} is a device, pipe or socket, not a file`);
}

/**
 * Replaces the file that lies there, if any.
 *
 * @returns the file’s absolute path
 * @throws ReportFileError where something else than a file lies there or it cannot be written; what lay there is then as it was
 */
export function writeReport(written: string, text: string): string {
  if (written === '') throw new ReportFileError('the file to write has no name');
  const path = resolve(written);
  const folder = dirname(path);
  const beside = join(folder, `.ringfence-report.${randomBytes(6).toString('hex')}`);
  try {
    mayStandAt(path);
    if (written.endsWith('/')) throw new ReportFileError(`${written} names a folder`);
    const file = openSync(beside, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    if (error instanceof ReportFileError) throw error;
    rmSync(beside, { force: true });
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new ReportFileError(`cannot write ${path}: ${REASONS[code] ?? message}`, undefined, {
      cause: error,
    });
  }
  return path;
}
