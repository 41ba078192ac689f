/**
 * What git says of the repository that a contract lies in, asked so that nothing in the working tree has a say.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { CommandError } from '../errors.ts';
import { safe } from '../text.ts';

/** Beyond the longest contract, so that what is too long is refused as that. */
const MOST_BYTES = 1_048_576;

export type Answer =
  | { readonly ok: true; readonly output: Uint8Array }
  | {
      readonly ok: false;
      /** `no`: git answered, and there is no such thing. */
      readonly reason: 'no git' | 'no repository' | 'no' | 'failed';
      /** In git's words, one line. */
      readonly said: string;
    };

/**
 * Asks git about the repository that a folder lies in: without fetching, prompting or replaced objects, and never of a folder that
 * merely looks like a bare repository, which any commit can hold (git-config(1), `safe.bareRepository`).
 */
export function askGit(folder: string, command: readonly string[]): Answer {
  const settings = ['-c', 'core.fsmonitor=false', '-c', 'safe.bareRepository=explicit'];
  try {
    const output = execFileSync('git', ['-C', folder, ...settings, ...command], {
      env: {
        ...process.env,
        GIT_NO_LAZY_FETCH: '1',
        GIT_NO_REPLACE_OBJECTS: '1',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_TERMINAL_PROMPT: '0',
        LC_ALL: 'C',
      },
      maxBuffer: MOST_BYTES,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 10_000,
    });
    return { ok: true, output };
  } catch (error) {
    const { code, stderr, status, message } = error as NodeJS.ErrnoException & {
      stderr?: Uint8Array;
      status?: number | null;
    };
    if (code === 'ENOENT') return { ok: false, reason: 'no git', said: 'git is not installed' };
    if (code === 'ENOBUFS')
      return { ok: false, reason: 'failed', said: 'it is larger than a contract can be' };
    const words = Buffer.from(stderr ?? []).toString('utf8');
    const said = words.replace(/^fatal: /, '').split('\n', 1)[0] || message;
    if (said.startsWith('not a git repository')) return { ok: false, reason: 'no repository', said };
    return { ok: false, reason: status === 1 ? 'no' : 'failed', said };
  }
}

/** @throws CommandError where git cannot tell */
export function isRevision(name: string, folder: string): boolean {
  if (name.startsWith('-')) return false;
  const asked = askGit(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  if (asked.ok) return true;
  if (asked.reason !== 'failed') return false;
  throw new CommandError(
    'no-older',
    `whether ${JSON.stringify(safe(name))} is a revision cannot be told: ${safe(asked.said)}`,
    `write ./${safe(name)} for the file of that name`,
  );
}

/**
 * Git goes by where a folder really lies: behind a link, or in a repository of its own, the same name would mean another file.
 *
 * @throws CommandError where the contract's folder is reached so
 */
export function refuseLinks(file: string): void {
  const folder = dirname(resolve(file));
  const asked = askGit(folder, [
    'rev-parse',
    '--show-toplevel',
    '--show-prefix',
    '--show-superproject-working-tree',
  ]);
  // what asks next says why
  if (!asked.ok) return;
  const [top = '', prefix = '', parent = ''] = Buffer.from(asked.output).toString('utf8').split('\n');
  const within = (path: string, outer: string): boolean => !relative(outer, path).startsWith('..');
  if (parent !== '' && !within(realpathSync(process.cwd()), top))
    throw new CommandError(
      'no-older',
      `${safe(file)} lies in ${safe(top)}, a repository of its own within ${safe(parent)}`,
      'run this in that folder for its revisions; name a file for others',
    );
  if (realpathSync(folder) === folder) return;
  for (let above = folder; ; above = dirname(above)) {
    if (realpathSync(above) === top && join(relative(above, folder), '/') === join(prefix, '/')) return;
    if (above === dirname(above)) break;
  }
  throw new CommandError(
    'no-older',
    `${safe(file)} is reached through a link, and git has it as ${safe(prefix)}`,
    'name the contract where it lies, or the older one as REVISION:PATH',
  );
}
