/**
 * Where the contract's workspace lies in the maximum's: patterns of both start from there.
 *
 * @module
 */
import { isAbsolute, join, normalize, relative } from 'node:path';
import type { Contract } from '../../contract/index.ts';
import { type Pattern, parsePath } from '../patterns/index.ts';
import type { ContainmentOptions, Findings } from './types.ts';

/** Relative path from the maximum's workspace to the contract's; empty: the same, or of no meaning. */
export type Below = string;

/**
 * Compares the workspaces.
 *
 * @returns where the patterns of both are to be compared
 */
export function compareWorkspace(
  { files: { workspace: given } }: Contract,
  { files: { workspace: limit } }: Contract,
  findings: Findings,
  { home, folder, realPath }: ContainmentOptions,
): Below {
  if (findings.isAny('files.workspace')) return '';
  if (given.mode === 'direct' && limit.mode !== 'direct')
    findings.add({
      clause: 'files.workspace.mode',
      text: 'the agent changes the original itself, unreviewed',
      witness: 'mode: direct',
      limit: 'files.workspace.mode',
      fix: 'write mode: overlay, or leave it out',
    });
  const absolute = (path: string): string => {
    if (home !== undefined && (path === '~' || path.startsWith('~/'))) return join(home, path.slice(1));
    return isAbsolute(path) || folder === undefined ? normalize(path) : join(folder, path);
  };
  const plain = (path: string): string => absolute(path).replace(/(.)\/+$/, '$1');
  const [inner, outer] = [plain(given.path), plain(limit.path)];
  // a folder that is not there leads nowhere
  const led = realPath?.(inner);
  const [realInner, realOuter] = led === undefined ? [inner, outer] : [led, realPath?.(outer) ?? outer];
  const isWithin = isBelow(inner, outer);
  if (!isWithin || !isBelow(realInner, realOuter)) {
    findings.add({
      clause: 'files.workspace',
      text: isWithin
        ? `the workspace ${given.path} leads out of ${limit.path}, by a link`
        : `the workspace ${given.path} does not lie in ${limit.path}`,
      witness: isWithin ? realInner : inner,
      limit: 'files.workspace',
      fix: `name a folder in ${limit.path}`,
    });
    return '';
  }
  if (realInner === realOuter) return '';
  if (isAbsolute(realInner) || !realOuter.startsWith('..')) return relative(realOuter, realInner);
  findings.leave('files.workspace', `where ${given.path} lies in ${limit.path} is not known`);
  return '';
}

/** Both in their simplest form, both absolute or both relative to the same folder. */
export function isBelow(inner: string, outer: string): boolean {
  if (isAbsolute(inner) !== isAbsolute(outer)) return false;
  if (inner === outer || outer === '/') return true;
  if (outer === '.') return inner !== '..' && !inner.startsWith('../');
  // ../.. is above ..
  const ups = (path: string): number => path.split('/').filter((part) => part === '..').length;
  if (/^(\.\.\/)*\.\.$/.test(outer)) return ups(inner) <= ups(outer);
  return inner.startsWith(`${outer}/`);
}

/** What lies in the contract's workspace, as a pattern from the maximum's; `undefined` where they are the same. */
export function inside(below: Below): Pattern[] | undefined {
  if (below === '') return undefined;
  const parsed = parsePath('**', { base: `/${below}` });
  return parsed.ok ? [parsed.pattern] : [];
}
