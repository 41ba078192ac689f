/**
 * What `files.hide` names in a workspace, read by the automata of patterns.
 *
 * @module
 */
import { readdirSync } from 'node:fs';
import { matchesPath, type Pattern, parsePath } from '../../patterns/index.ts';
import { look } from './paths.ts';

export type Hidden =
  | { readonly ok: true; readonly paths: readonly { path: string; pattern: number }[] }
  | { readonly ok: false; readonly problem: string };

/** Entries that are looked at before the question counts as unanswered. */
const MOST_ENTRIES = 1_000_000;
const FIXED = /^[^*?[{]+$/;

/** The paths of the workspace (and of layers over it) that are to be hidden, and are there: the topmost ones. */
export function hiddenPaths(
  workspace: string,
  patterns: readonly string[],
  layers: readonly string[],
): Hidden {
  const paths: { path: string; pattern: number }[] = [];
  const wild: { pattern: Pattern; number: number }[] = [];
  for (const [number, text] of patterns.entries()) {
    const folder = text.endsWith('/**') ? text.slice(0, -3) : text;
    if (FIXED.test(folder)) {
      const path = `${workspace}/${folder}`;
      const there = [workspace, ...layers].some((root) => look(`${root}/${folder}`) !== undefined);
      if (there) paths.push({ path, pattern: number });
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
  for (const root of [workspace, ...layers]) {
    const pending = [''];
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
      try {
        for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
          seen += 1;
          if (seen > MOST_ENTRIES)
            return {
              ok: false,
              problem: `there are more than ${MOST_ENTRIES} entries to hold against files.hide`,
            };
          const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
          if (matchesPath(all, path)) {
            const found = wild.find(({ pattern }) => matchesPath([pattern], path));
            paths.push({ path: `${workspace}/${path}`, pattern: found?.number ?? 0 });
          } else if (entry.isDirectory()) pending.push(path);
        }
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // a layer need not have the folder
        if (code !== 'ENOENT' && code !== 'ENOTDIR')
          return { ok: false, problem: `${root}/${folder} cannot be read` };
      }
    }
  }
  return { ok: true, paths };
}
