/**
 * The older contract of `prove --diff`: a file, or a revision of git.
 *
 * Whoever proposes a change decides what lies in the working tree: no file of it may stand in for a revision, and no folder of it for
 * the repository.
 *
 * @module
 */
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type Loaded, loadContract, parseContract } from '../../contract/index.ts';
import { CommandError } from '../errors.ts';
import { safe } from '../text.ts';
import { askGit, isRevision, refuseLinks } from './revision.ts';

const WHAT =
  'name a file, a revision (main, HEAD~1: the same file there), or REVISION:PATH; git:REVISION where a file has that name';

/**
 * Reads what a person calls the older contract.
 *
 * `FILE`; `REVISION` or `git:REVISION`, the contract of the same name and folder there; `REVISION:PATH`, as git has it (from the top of
 * the repository, or from the contract's folder where it begins with `./`).
 *
 * @param file the newer contract's
 * @throws CommandError where it is nowhere, or both a file and a revision
 */
export function loadOlder(old: string, file: string): Loaded {
  const named = old.startsWith('git:') ? old.slice('git:'.length) : undefined;
  const folder = dirname(resolve(file));
  if (named === undefined && statSync(old, { throwIfNoEntry: false }) !== undefined) {
    if (couldBeRevision(old) && isRevision(old.split(':', 1)[0] as string, folder))
      throw new CommandError(
        'ambiguous',
        `${JSON.stringify(safe(old))} is a file here, and a revision of git`,
        `write ./${safe(old)} for the file, git:${safe(old)} for the revision`,
      );
    return loadContract(old);
  }
  const revision = named ?? old;
  const [name = ''] = revision.split(':', 1);
  // a name that begins with a dash would be an option
  if (name === '' || name.startsWith('-')) throw missing(old);
  const object = revision.includes(':') ? revision : `${revision}:./${basename(file)}`;
  if (/:\.{1,2}\//.test(object)) refuseLinks(file);
  const content = showObject(object, folder, old, named !== undefined || !/[/.]/.test(name));
  return parseContract(content, object.replace(':./', ':'));
}

/** Whether a text may mean a revision as well as a file that has that name. */
const couldBeRevision = (old: string): boolean =>
  !/^\.{0,2}\//.test(old) && (old.includes(':') || !/\.ya?ml$/.test(old));

const missing = (old: string): CommandError =>
  new CommandError('no-older', `there is no file and no revision ${JSON.stringify(safe(old))}`, WHAT);

/** Content of an object, by plumbing that runs no filter, hook or helper of the repository. */
function showObject(object: string, folder: string, old: string, isSure: boolean): Uint8Array {
  const shown = askGit(folder, ['cat-file', 'blob', object]);
  if (shown.ok) return shown.output;
  if (shown.reason === 'no git')
    throw new CommandError('no-git', 'git is not installed', 'name the older contract as a file');
  if (!isSure && !old.includes(':')) throw missing(old);
  throw new CommandError(
    'no-older',
    `${JSON.stringify(safe(old))} cannot be read: ${safe(shown.said)}`,
    WHAT,
  );
}
