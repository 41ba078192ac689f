/**
 * Path patterns, as contracts and the catalogue write them: `src/**` all that lies below src, `**` + `/x` an x at any depth, `*`, `?`,
 * `[…]` within a name, `{a,b}` either.
 *
 * @module
 */
import { toBytes } from './alphabet.ts';
import { expandBraces } from './braces.ts';
import { parseSegment } from './segment.ts';
import type { Element, Parsed } from './types.ts';

export interface PathOptions {
  /** Absolute path of the folder that relative patterns start from; without it they are of a world of their own. `/`: anywhere. */
  readonly base?: string;
  /** Absolute path that `~` stands for; without it patterns below `~` are of a world of their own. */
  readonly home?: string;
}

export interface PathWord {
  readonly root: string;
  /** As bytes. */
  readonly segments: readonly string[];
}

/** A path's root and names; empty names and `.` are left out. `..` stays, and nothing matches it. */
export function splitPath(path: string | Uint8Array, options: PathOptions = {}): PathWord {
  const bytes = toBytes(path);
  const names = bytes.split('/').filter((name) => name !== '' && name !== '.');
  if (bytes.startsWith('/')) return { root: '/', segments: names };
  const isHome = bytes === '~' || bytes.startsWith('~/');
  const from = isHome ? options.home : options.base;
  const segments = isHome ? names.slice(1) : names;
  if (from === undefined) return { root: isHome ? '~' : '', segments };
  return { root: '/', segments: [...splitPath(from).segments, ...segments] };
}

/** A word as people write it. */
export function joinPath(root: string, segments: readonly string[]): string {
  if (root === '') return segments.join('/') || '.';
  return root === '/' ? `/${segments.join('/')}` : [root, ...segments].join('/');
}

/**
 * Reads a path pattern.
 *
 * A pattern without a wildcard is one path, not what lies below it. `folder/**` does not hold the folder itself.
 *
 * @example
 * parsePath('src/**', { base: '/home/operator/project' })
 */
export function parsePath(text: string, options: PathOptions = {}): Parsed {
  if (text === '') return refuse('an empty pattern', 'Write for example src/** or remove it.');
  if (text.includes('\0'))
    return refuse('a pattern with the character NUL', 'Remove it: no path holds it (path_resolution(7)).');
  if (text.startsWith('!')) return refuse('patterns cannot be negated', 'List what is meant instead.');
  if (/\[[^\]/]*[^\0-\x7f][^\]/]*\]/.test(text))
    return refuse(`${text} has a set of other than ASCII characters`, 'Write these out as {…,…}.');
  const expanded = expandBraces(text);
  if (expanded === undefined)
    return refuse(`${text} stands for more than 1,024 patterns`, 'Write fewer alternatives in braces.');
  const parts = expanded.map((each) => splitPath(each, options));
  const root = parts[0]?.root as string;
  if (parts.some((part) => part.root !== root))
    return refuse(`${text} is partly absolute, partly relative`, 'Write two patterns.');
  if (parts.some(({ segments }) => segments.includes('..')))
    return refuse(`${text} has “..” in it`, 'Write it without.');
  // What base and home stand for is no pattern, whatever its characters.
  const sequences = parts.map(({ segments }, at) =>
    elementsOf(segments, fixedLength(expanded[at] as string, options)),
  );
  return { ok: true, pattern: { kind: 'path', text, root, sequences } };
}

function fixedLength(text: string, { base, home }: PathOptions): number {
  if (text.startsWith('/')) return 0;
  const from = text === '~' || text.startsWith('~/') ? home : base;
  return from === undefined ? 0 : splitPath(from).segments.length;
}

function elementsOf(segments: readonly string[], literals: number): Element[] {
  const elements: Element[] = [];
  segments.forEach((text, at) => {
    if (at < literals) elements.push({ kind: 'literal', text });
    else if (text !== '**') elements.push(parseSegment(text));
    else {
      if (at === segments.length - 1) elements.push({ kind: 'any' });
      if (elements.at(-1)?.kind !== 'rest') elements.push({ kind: 'rest' });
    }
  });
  return elements;
}

const refuse = (message: string, hint: string): Parsed => ({ ok: false, message, hint });
