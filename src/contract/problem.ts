/**
 * A problem in a contract: where it is, what is wrong, and what to write instead.
 *
 * @module
 */
import { printable } from './escape.ts';

/** A place in a file, counted from 1. Columns count UTF-16 code units, as editors do. */
export interface Position {
  line: number;
  column: number;
}

export interface Problem extends Position {
  /** the file as the caller named it */
  file: string;
  /** contract path such as `network[0].port`; empty for the file as a whole */
  path: string;
  /** what is wrong, one sentence without a full stop */
  message: string;
  /** what to write instead, one sentence; empty when the message says it already */
  hint: string;
}

/** A problem before it is given its place: checks state the path, the loader adds file, line and column. */
export interface Finding {
  path: Path;
  /** `key`: point at the key, not at the value */
  at?: 'key';
  message: string;
  hint: string;
}

export type Path = readonly (string | number)[];

/** `['network', 0, 'port']` → `network[0].port`; keys with other characters are quoted: `resolve["a.example.com"]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z0-9_-]+$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/** The inverse of {@link formatPath}; `undefined` when the text is not a path. */
export function parsePath(text: string): Path | undefined {
  const path: (string | number)[] = [];
  const part = /\.?([A-Za-z0-9_-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  let offset = 0;
  while (offset < text.length) {
    part.lastIndex = offset;
    const match = part.exec(text);
    if (!match || (offset === 0 && text.startsWith('.'))) return undefined;
    if (match[1] !== undefined) {
      if (offset > 0 && !match[0].startsWith('.')) return undefined;
      path.push(match[1]);
    } else if (match[2] !== undefined) path.push(Number(match[2]));
    else {
      try {
        path.push(String(JSON.parse(match[3] as string)));
      } catch {
        return undefined;
      }
    }
    offset = part.lastIndex;
  }
  return path;
}

/** `file:line:column: what is wrong`, and a second line with what to write instead. */
export function formatProblem(problem: Problem): string {
  const where = `${printable(problem.file)}:${problem.line}:${problem.column}`;
  const path = problem.path === '' ? '' : `${printable(problem.path)}: `;
  const hint = problem.hint === '' ? '' : `\n  ${printable(problem.hint)}`;
  return `${where}: ${path}${printable(problem.message)}${hint}`;
}
