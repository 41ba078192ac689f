/**
 * Files that decide what `success.run` says and that the contract does not protect: looked for by name, in what is there and
 * in what the command would take if it came.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decidingFiles } from '../contract/index.ts';
import { expandBraces } from './layers/index.ts';

export interface Decider {
  names: string[];
  why: string;
}

/** @param isProtected whether a path of the workspace is protected */
export function unprotectedDeciders(
  workspace: string,
  run: string,
  isProtected: (path: string) => boolean,
): Decider[] {
  const script = /\b(?:npm|pnpm|yarn|bun)\b/.test(run) ? scripts(workspace) : '';
  const found = decidingFiles(`${run}\n${script}`).flatMap(({ patterns, why }): Decider[] => {
    const open = patterns.flatMap(expandBraces).filter((name) => !isProtected(example(name)));
    return open.length === 0 ? [] : [{ names: open, why }];
  });
  const named = run
    .split(/[\s;&|]+/)
    .map((word) => word.replace(/^\.\//, ''))
    .filter(
      (word) => /^[\w./-]+\.\w+$/.test(word) && !word.startsWith('/') && existsSync(join(workspace, word)),
    )
    .filter((word) => !isProtected(word));
  return named.length === 0
    ? found
    : [...found, { names: [...new Set(named)], why: 'the command names them' }];
}

/** A path that a pattern means. */
const example = (pattern: string) =>
  pattern
    .replace(/\/\*\*$/, '')
    .replace('**/', '')
    .replace('*', 'any');

function scripts(workspace: string): string {
  try {
    const { scripts: all } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
      scripts?: Record<string, string>;
    };
    return Object.entries(all ?? {})
      .filter(([name]) => /test/.test(name))
      .map(([, text]) => text)
      .join('\n');
  } catch {
    return '';
  }
}
