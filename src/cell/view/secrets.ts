/**
 * Which places hold credentials. The view is default-deny, so this list is a second line: it keeps a toolchain on PATH
 * from pulling in its neighbours.
 *
 * @module
 */
import { BROAD_IN_HOME, NEVER_SHOWN, PRIVATE_IN_HOME } from '../../contract/base-view.ts';
import { isWithin } from '../../contract/index.ts';

/** Why `path` must not be shown because of a PATH entry; undefined where it may. */
export function reasonToHide(path: string, home: string): string | undefined {
  if (path === '/' || isWithin(home, path)) return 'it contains the home folder';
  for (const folder of NEVER_SHOWN) if (isWithin(path, folder)) return `${folder} is not shown`;
  if (/^\/mnt\/[a-z](\/|$)/.test(path))
    return 'a Windows drive: programs there would run outside of the cell';
  for (const name of PRIVATE_IN_HOME) {
    if (isWithin(path, `${home}/${name}`)) return `~/${name} holds credentials`;
  }
  return undefined;
}

/** Whether `path` is a collection of unrelated things, of which only a part may be shown. */
export function isBroad(path: string, home: string): boolean {
  if (isWithin(home, path)) return true;
  if (['/var', '/run', '/tmp', '/srv', '/home', '/mnt', '/media'].includes(path)) return true;
  return BROAD_IN_HOME.some((name) => path === (name === '' ? home : `${home}/${name}`));
}

/** Tokens, passwords and user information in addresses, as npmrc, pip.conf, gitconfig, wgetrc and shell files hold them. */
const SECRET_TEXT = [
  /_auth(Token)?\s*=|_password\s*=/i,
  /:\/\/[^\s/@:]*:[^\s/@]+@/,
  /extraheader\s*=|authorization:/i,
  /^\s*(export\s+)?\w*(password|passwd|secret|token|api_?key)\w*\s*=\s*["']?[^\s"'$]/im,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
] as const;

/** Whether a configuration file's text seems to hold a credential. */
export function holdsSecret(text: string): boolean {
  return SECRET_TEXT.some((pattern) => pattern.test(text));
}
