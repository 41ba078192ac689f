/**
 * Where Ringfence keeps what it writes, by the XDG Base Directory Specification 0.8: state (runs, keys), cache,
 * runtime sockets. Nothing is created before it is asked for, and everything is the operator's alone (mode 0700).
 *
 * @module
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { CommandError } from './errors.ts';

export interface Folders {
  /** Runs and their ledgers, one folder each: `$XDG_STATE_HOME/ringfence/runs`. */
  runs: string;
  /** Signing keys: `$XDG_STATE_HOME/ringfence/keys`. */
  keys: string;
  /** Proofs that were made here: `$XDG_STATE_HOME/ringfence/proofs`. */
  proofs: string;
  /** What was found about contracts: `$XDG_STATE_HOME/ringfence/verdicts`. */
  verdicts: string;
  /** What runs tell about themselves, so that they can be judged together: `$XDG_STATE_HOME/ringfence/campaigns`. */
  campaigns: string;
  /** Signed statements about what was proved, tried and reviewed here: `$XDG_STATE_HOME/ringfence/attestations`. */
  attestations: string;
  /** What can be made again: `$XDG_CACHE_HOME/ringfence`. */
  cache: string;
}

type Environment = Record<string, string | undefined>;

/** The specification: a relative path in these variables is invalid and is to be ignored. */
function base(environment: Environment, variable: string, fallback: string): string {
  const value = environment[variable];
  if (value && isAbsolute(value)) return value;
  try {
    return join(environment.HOME || homedir(), fallback);
  } catch {
    throw new CommandError('no-home', 'this user has no home folder', `set HOME, or ${variable}`);
  }
}

/** Paths only; use {@link ensureFolder} before writing. */
export function folders(environment: Environment = process.env): Folders {
  const state = join(base(environment, 'XDG_STATE_HOME', '.local/state'), 'ringfence');
  return {
    runs: join(state, 'runs'),
    keys: join(state, 'keys'),
    proofs: join(state, 'proofs'),
    verdicts: join(state, 'verdicts'),
    campaigns: join(state, 'campaigns'),
    attestations: join(state, 'attestations'),
    cache: join(base(environment, 'XDG_CACHE_HOME', '.cache'), 'ringfence'),
  };
}

/** Thrown where a folder that must be private belongs to, or is open to, somebody else. */
export class UnsafeFolderError extends Error {
  override readonly name = 'UnsafeFolderError';
  readonly code = 'unsafe-folder';
  readonly hint: string;

  constructor(path: string, why: string, hint: string) {
    super(`${path} ${why}`);
    this.hint = hint;
  }
}

/**
 * Makes a folder, and its parents, with mode 0700 where they are new.
 *
 * @returns the path
 * @throws UnsafeFolderError if it is a link, is somebody else's, or others can write to it
 */
export function ensureFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const status = lstatSync(path);
  if (!status.isDirectory()) {
    throw new UnsafeFolderError(path, 'is not a folder', 'remove it, or set another place by XDG_STATE_HOME');
  }
  if (status.uid !== process.getuid?.()) {
    throw new UnsafeFolderError(
      path,
      'belongs to another user',
      'remove it, or set another place by XDG_STATE_HOME',
    );
  }
  if ((status.mode & 0o022) !== 0) {
    throw new UnsafeFolderError(path, 'can be written by other users', `run: chmod go-w ${path}`);
  }
  return path;
}

/** A socket's path has at most 107 bytes (unix(7)), of which a run's name takes some 30. */
const holdsSockets = (folder: string): boolean => Buffer.byteLength(folder) <= 107 - 30;

/**
 * The folder for sockets and other things that end with the login session, made if it is not there:
 * `$XDG_RUNTIME_DIR/ringfence`, or, where that variable is unset or its folder not safely ours, or too long for a socket, `ringfence-UID` in the
 * temporary folder.
 *
 * @throws UnsafeFolderError if the fallback is there but not ours
 */
export function runtimeFolder(environment: Environment = process.env): string {
  const runtime = environment.XDG_RUNTIME_DIR;
  const user = process.getuid?.();
  if (runtime && isAbsolute(runtime)) {
    const status = lstatSync(runtime, { throwIfNoEntry: false });
    const folder = join(runtime, 'ringfence');
    if (status?.isDirectory() && status.uid === user && (status.mode & 0o077) === 0 && holdsSockets(folder)) {
      return ensureFolder(folder);
    }
  }
  const folder = join(tmpdir(), `ringfence-${user}`);
  return ensureFolder(holdsSockets(folder) ? folder : `/tmp/ringfence-${user}`);
}
