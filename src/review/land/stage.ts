/**
 * Staging: new content is made complete, checked and durable beside the workspace's own files before any name changes.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { contentDigest, type State } from '../set/index.ts';

const CHUNK = 1 << 20;
const HOLE = 1 << 16;
const ZEROS = Buffer.alloc(HOLE);

/** Copies a file and keeps its holes: what is all zero is not written. */
function copySparse(source: number, target: number): void {
  const buffer = Buffer.allocUnsafe(CHUNK);
  let at = 0;
  for (;;) {
    const length = readSync(source, buffer, 0, CHUNK, at);
    if (length === 0) break;
    for (let start = 0; start < length; start += HOLE) {
      const block = buffer.subarray(start, Math.min(length, start + HOLE));
      if (block.equals(ZEROS.subarray(0, block.length))) continue;
      for (let done = 0; done < block.length; )
        done += writeSync(target, block, done, block.length - done, at + start + done);
    }
    at += length;
  }
  ftruncateSync(target, at);
}

/** Copies content to a new file; blocks are shared where the file system can, holes stay holes. */
export function copyContent(source: Buffer | string, target: Buffer | string): void {
  const from = openSync(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size, blocks } = fstatSync(from);
    if (size > CHUNK) {
      try {
        copyFileSync(
          `/proc/self/fd/${from}`,
          target,
          constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL,
        );
        return;
      } catch {
        rmSync(target, { force: true }); // no shared blocks here
      }
    }
    if (size <= CHUNK || blocks * 512 >= size) {
      copyFileSync(`/proc/self/fd/${from}`, target, constants.COPYFILE_EXCL);
      return;
    }
    const to = openSync(target, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      copySparse(from, to);
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

const seconds = (ns: bigint) => Number(ns / 1_000_000_000n) + Number(ns % 1_000_000_000n) / 1e9;

/** The content staged is not what was reviewed. */
export class StagedDifferenceError extends Error {
  override readonly name = 'StagedDifferenceError';
}

/**
 * Makes what `state` describes at `target`, a new name.
 *
 * @param source where a file's content lies
 * @param times of this, where it is to keep them (undo)
 * @throws StagedDifferenceError where the content is not what `state` says
 */
export function makeAt(target: Buffer, state: State, source: Buffer | undefined, times?: BigIntStats): void {
  const stamp: [number, number] | undefined = times && [seconds(times.atimeNs), seconds(times.mtimeNs)];
  if (state.type === 'symlink') {
    symlinkSync(state.link ?? Buffer.alloc(0), target);
    const made = lstatSync(target);
    if (made.uid !== state.uid || made.gid !== state.gid) lchownSync(target, state.uid, state.gid);
    if (stamp) lutimesSync(target, ...stamp);
    return;
  }
  if (state.type === 'directory') mkdirSync(target, 0o700);
  else if (state.type === 'file' && source) copyContent(source, target);
  else throw new StagedDifferenceError(`a ${state.type} cannot be made`);
  if (state.type === 'file') {
    chmodSync(target, 0o600); // what is copied may have no rights at all
    if (contentDigest(target) !== state.sha256)
      throw new StagedDifferenceError('it was changed after the review');
  }
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
  const descriptor = openSync(target, state.type === 'directory' ? flags | constants.O_DIRECTORY : flags);
  try {
    const made = fstatSync(descriptor);
    if (made.uid !== state.uid || made.gid !== state.gid) fchownSync(descriptor, state.uid, state.gid);
    fchmodSync(descriptor, state.type === 'directory' ? state.mode | 0o700 : state.mode);
    if (stamp) futimesSync(descriptor, ...stamp);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes a file system durable: syncfs(2) by `sync -f`, which is one call for thousands of files; else all of them, by sync(2).
 *
 * @throws Error where neither program is there: nothing may be called landed then
 */
export function syncAll(folder: string): void {
  for (const words of [['-f', folder], []]) {
    if (spawnSync('sync', words, { stdio: 'ignore' }).status === 0) return;
  }
  throw Object.assign(new Error('nothing can be made durable: sync(1) does not work'), { code: 'EIO' });
}
