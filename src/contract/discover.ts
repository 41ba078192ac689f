/**
 * Discovery: the contract that holds in a folder is `ringfence.yaml` there or above, up to the root of the repository.
 *
 * @module
 */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export const CONTRACT_FILE = 'ringfence.yaml';

export type Found =
  | { ok: true; path: string }
  /** `searched`: the files looked for, in order; `stopped`: why not further up */
  | { ok: false; searched: string[]; stopped: string; message: string; hint: string };

/**
 * Looks for `ringfence.yaml` from `cwd` upwards. The search ends at the repository's root (a `.git` entry), at the home
 * directory, at a file-system boundary, and at a folder of another user: what lies beyond those is someone else's say.
 *
 * @param home the user's home directory; a parameter so that nothing here depends on the environment of a test
 */
export function findContract(cwd: string, home: string = homedir()): Found {
  const searched: string[] = [];
  const missing = (stopped: string): Found => ({
    ok: false,
    searched,
    stopped,
    message: `no ${CONTRACT_FILE} found: looked in ${searched.length === 0 ? cwd : searched.map((path) => dirname(path)).join(', ')}; stopped at ${stopped}`,
    hint: 'Run "ringfence init" to write one here, or name one with --contract FILE.',
  });
  let folder: string;
  let device: number;
  let realHome: string;
  try {
    folder = realpathSync(cwd);
    device = statSync(folder).dev;
  } catch {
    return missing('a folder that cannot be read');
  }
  try {
    realHome = realpathSync(home);
  } catch {
    realHome = home;
  }
  const user = process.getuid?.() ?? 0;
  for (;;) {
    const path = join(folder, CONTRACT_FILE);
    searched.push(path);
    const found = exists(path);
    // an unreadable or broken entry is still the contract here: loading it says what is wrong
    if (found) return { ok: true, path };
    if (exists(join(folder, '.git'))) return missing(`the repository's root ${folder}`);
    if (folder === realHome) return missing(`your home ${folder}`);
    const parent = dirname(folder);
    if (parent === folder) return missing('the root of the file system');
    try {
      const status = statSync(parent);
      if (status.dev !== device) return missing(`a file-system boundary above ${folder}`);
      // A shared folder such as /tmp must not hand its contract to whoever works below it.
      if (status.uid !== user && status.uid !== 0) return missing(`a folder of another user, ${parent}`);
      if ((status.mode & 0o002) !== 0) return missing(`a folder that anyone may write, ${parent}`);
    } catch {
      return missing(`a folder that cannot be read, ${parent}`);
    }
    folder = parent;
  }
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
