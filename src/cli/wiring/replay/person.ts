/**
 * The person in whose name a witness is set up and its effect looked for: an ordinary environment, with nothing in it of
 * the one who replays, but where the programs are.
 *
 * @module
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/** The folder of a program, if it is here and may be started; of a device, if it may be opened. */
export function folderOf(program: string): string | undefined {
  if (program.startsWith('/')) {
    try {
      accessSync(program, constants.R_OK | constants.W_OK);
      return dirname(program);
    } catch {
      return undefined;
    }
  }
  return [...SYSTEM_PATH.split(delimiter), ...(process.env.PATH ?? '').split(delimiter)].find((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Programs that are needed and that are not here. */
export const missingPrograms = ({ needs }: { readonly needs: readonly string[] }): string[] =>
  needs.filter((program) => folderOf(program) === undefined);

/** What the person has in the environment. */
export function personOf(needs: readonly string[], home: string): Record<string, string> {
  const folders = needs
    .filter((program) => !program.startsWith('/'))
    .flatMap((program) => folderOf(program) ?? []);
  return {
    PATH: [...new Set([...SYSTEM_PATH.split(delimiter), ...folders])].join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
    GIT_AUTHOR_NAME: 'witness',
    GIT_AUTHOR_EMAIL: 'witness@example.com',
    GIT_COMMITTER_NAME: 'witness',
    GIT_COMMITTER_EMAIL: 'witness@example.com',
    GIT_CONFIG_NOSYSTEM: '1',
    // version managers find their tools below the true home
    ...(process.env.HOME && { RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(process.env.HOME, '.rustup') }),
  };
}
