/**
 * The older contract of `prove --diff`: a file, or a revision of git.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type Loaded, loadContract, parseContract } from '../../contract/index.ts';
import { CommandError } from '../errors.ts';
import { safe } from '../text.ts';

/** Beyond the longest contract, so that what is too long is refused as that. */
const MOST_BYTES = 1_048_576;

const WHAT =
  'name a file, a revision (main, HEAD~1: the same file there), or REVISION:PATH; git:REVISION where a file has that name';

/**
 * Reads what a person calls the older contract.
 *
 * `FILE`; `REVISION` or `git:REVISION`, the contract of the same name and folder there; `REVISION:PATH`, as git has it (from the top of
 * the repository, or from the contract's folder where it begins with `./`).
 *
 * @param file the newer contract's
 * @throws CommandError where it is nowhere
 */
export function loadOlder(old: string, file: string): Loaded {
  const named = old.startsWith('git:') ? old.slice('git:'.length) : undefined;
  if (named === undefined && statSync(old, { throwIfNoEntry: false }) !== undefined) return loadContract(old);
  const revision = named ?? old;
  const [name = ''] = revision.split(':', 1);
  // a name that begins with a dash would be an option
  if (name === '' || name.startsWith('-')) throw missing(old);
  const object = revision.includes(':') ? revision : `${revision}:./${basename(file)}`;
  const content = showObject(object, dirname(resolve(file)), old, named !== undefined || !/[/.]/.test(name));
  return parseContract(content, object.replace(':./', ':'));
}

const missing = (old: string): CommandError =>
  new CommandError('no-older', `there is no file and no revision ${JSON.stringify(safe(old))}`, WHAT);

/** Content of an object, by plumbing that runs no filter, hook or helper of the repository. */
function showObject(object: string, folder: string, old: string, isRevision: boolean): Uint8Array {
  try {
    return execFileSync('git', ['-C', folder, '-c', 'core.fsmonitor=false', 'cat-file', 'blob', object], {
      env: {
        ...process.env,
        GIT_NO_LAZY_FETCH: '1',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_TERMINAL_PROMPT: '0',
        LC_ALL: 'C',
      },
      maxBuffer: MOST_BYTES,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 10_000,
    });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: Uint8Array };
    if (code === 'ENOENT')
      throw new CommandError('no-git', 'git is not installed', 'name the older contract as a file');
    const said = Buffer.from(stderr ?? [])
      .toString('utf8')
      .replace(/^fatal: /, '')
      .split('\n', 1)[0];
    if (!isRevision && !old.includes(':')) throw missing(old);
    throw new CommandError(
      'no-older',
      `${JSON.stringify(safe(old))} cannot be read: ${safe(said ?? '') || safe((error as Error).message)}`,
      WHAT,
    );
  }
}
