/**
 * Paths of mounts and settings → the space that they are in.
 *
 * @module
 */
import { posix } from 'node:path';
import type { Space } from '../setting/index.ts';

export type Located =
  | { readonly ok: true; readonly space: Space; readonly path: string }
  /** `text` is what is not known. */
  | { readonly ok: false; readonly text: string };

/**
 * Where a path of the operator's side lies. Relative ones start from the folder in which the set-up is used, the workspace;
 * `${PWD}` and `${HOME}` are what they are there.
 */
export function locate(written: string): Located {
  const path = written.replace(/^\$\{PWD\}(?=\/|$)/, '.').replace(/^(\$\{HOME\}|~)(?=\/|$)/, '~');
  const unknown = /\$\{([^}]*)\}/.exec(path);
  if (unknown !== null)
    return {
      ok: false,
      text: unknown[1] === '?' ? `what “${path}” stands for` : `what $${unknown[1]} stands for`,
    };
  const clean = posix.normalize(path).replace(/(.)\/$/, '$1');
  if (clean.startsWith('/')) return { ok: true, space: 'machine', path: literal(clean) };
  if (clean === '~' || clean.startsWith('~/')) {
    // `~/..` is the folder of all homes, wherever that is
    return clean.includes('/..')
      ? { ok: false, text: `where ${written} lies` }
      : { ok: true, space: 'machine', path: literal(clean) };
  }
  if (clean === '..' || clean.startsWith('../')) return { ok: false, text: `where ${written} lies` };
  return { ok: true, space: 'workspace', path: clean === '.' ? '**' : literal(clean) };
}

/** A path in which no character is a wildcard of our patterns. */
const literal = (path: string): string =>
  path.replace(/[[\]{}*?]/g, (character) => (character === '[' ? '[[]' : '?'));
