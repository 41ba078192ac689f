/**
 * Path patterns in `files`: which the kernel can enforce, and what to write instead of the others.
 *
 * @module
 */

const GLOB = /[*?[\]{}]/;

export type PatternCheck = { ok: true } | { ok: false; message: string; hint: string };

/** What is wrong with any pattern inside the workspace, enforceable or not. */
export function checkRelativePattern(pattern: string): PatternCheck {
  if (pattern === '')
    return { ok: false, message: 'an empty pattern', hint: 'Write for example src/** or remove it.' };
  if (pattern.startsWith('/') || pattern.startsWith('~'))
    return {
      ok: false,
      message: `${pattern} is not inside the workspace`,
      hint: 'Patterns here are relative to the workspace: write for example src/**.',
    };
  if (pattern.startsWith('!'))
    return { ok: false, message: 'patterns cannot be negated', hint: 'List what is meant instead.' };
  if (pattern.split('/').includes('..'))
    return { ok: false, message: `${pattern} leaves the workspace`, hint: 'Write it without "..".' };
  const clean = pattern
    .replace(/^(\.\/+)+/, '')
    .replace(/\/+/g, '/')
    .replaceAll('/./', '/');
  if (clean !== pattern && clean !== '')
    return { ok: false, message: `${pattern} is not in its simplest form`, hint: `Write ${clean}.` };
  return { ok: true };
}

/** The folder of a directory pattern (`src/**` → `src`, `**` → ``), or `undefined` when it is not one. */
export function directoryOf(pattern: string): string | undefined {
  if (pattern === '**') return '';
  if (!pattern.endsWith('/**')) return undefined;
  const folder = pattern.slice(0, -3);
  return GLOB.test(folder) || folder === '' ? undefined : folder;
}

/** The directory pattern to write instead of a finer one: the folder down to the first part with a wildcard. */
export function coarserPattern(pattern: string): string {
  const parts = pattern.replace(/\/+$/, '').split('/');
  const firstGlob = parts.findIndex((part) => GLOB.test(part));
  // Without a wildcard the last part may be a file: only its folder is certain to be one.
  const isFile = firstGlob < 0 && /.\.[^.]+$/.test(parts.at(-1) as string);
  const folder = parts.slice(0, firstGlob >= 0 ? firstGlob : isFile ? -1 : undefined).join('/');
  return folder === '' || folder === '.' ? '**' : `${folder}/**`;
}

/** Whether everything below folder `inner` lies below folder `outer`; the empty folder is the workspace. */
export function contains(outer: string, inner: string): boolean {
  return outer === '' || outer === inner || inner.startsWith(`${outer}/`);
}
