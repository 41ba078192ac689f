/**
 * What `files.hide` names in a workspace, read by the automata of patterns.
 *
 * @module
 */
import { type Dirent, readdirSync } from 'node:fs';
import { matchesPath, type Pattern, parsePath } from '../../patterns/index.ts';
import { look } from './paths.ts';

export type Hidden =
  | { readonly ok: true; readonly paths: readonly { path: string; pattern: number }[] }
  | { readonly ok: false; readonly problem: string };

/** Entries that are looked at before the question counts as unanswered. */
const MOST_ENTRIES = 1_000_000;
const FIXED = /^[^*?[{]+$/;

/** The paths of the workspace that are to be hidden, and are there: the topmost ones. What an agent makes later is its own. */
export function hiddenPaths(workspace: string, patterns: readonly string[]): Hidden {
  const paths: { path: string; pattern: number }[] = [];
  const wild: { pattern: Pattern; number: number }[] = [];
  for (const [number, text] of patterns.entries()) {
    const folder = text.endsWith('/**') ? text.slice(0, -3) : text;
    if (FIXED.test(folder)) {
      const path = `${workspace}/${folder}`;
      if (look(path) !== undefined) paths.push({ path, pattern: number });
      continue;
    }
    for (const written of text === folder ? [text] : [text, folder]) {
      const parsed = parsePath(written);
      if (!parsed.ok) return { ok: false, problem: `${text}: ${parsed.message}` };
      wild.push({ pattern: parsed.pattern, number });
    }
  }
  if (wild.length === 0) return { ok: true, paths };
  const all = wild.map(({ pattern }) => pattern);
  let seen = 0;
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    let entries: Dirent[];
    try {
      entries = readdirSync(`${workspace}/${folder}`, { withFileTypes: true });
    } catch {
      return {
        ok: false,
        problem: `${workspace}/${folder} cannot be read, so nobody knows what to hide in it`,
      };
    }
    seen += entries.length;
    if (seen > MOST_ENTRIES)
      return { ok: false, problem: `there are more than ${MOST_ENTRIES} entries to hold against files.hide` };
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (matchesPath(all, path)) {
        // a name that is no UTF-8 comes to us changed, and a cover for it covers nothing
        if (look(`${workspace}/${path}`) === undefined && entry.name.includes('\ufffd'))
          return {
            ok: false,
            problem: `the name of ${workspace}/${path} is not UTF-8, so nothing covers it`,
          };
        const found = wild.find(({ pattern }) => matchesPath([pattern], path));
        paths.push({ path: `${workspace}/${path}`, pattern: found?.number ?? 0 });
      } else if (entry.isDirectory()) pending.push(path);
    }
  }
  return { ok: true, paths };
}
