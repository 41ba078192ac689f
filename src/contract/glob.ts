/**
 * Path patterns matched against paths of bytes: `*` and `?` within a name, `[a-c]` one of them, `{a,b}` either, `**` any
 * number of folders, `folder/**` all that lies in the folder.
 *
 * @module
 */

/** Whether a path (relative, as bytes or text) matches. */
export type PathMatcher = (path: Buffer | string) => boolean;

/** One character a byte: a pattern's and a path's bytes then compare as characters. */
const bytesOf = (text: Buffer | string): string =>
  typeof text === 'string' ? Buffer.from(text).toString('latin1') : text.toString('latin1');

const ESCAPED = /[\\^$.+()|{}[\]/]/g;

/** The next piece of a pattern at `at`: its expression, and how many characters it takes. */
function piece(pattern: string, at: number, previous: string): [source: string, length: number] {
  const rest = pattern.slice(at);
  const first = (at === 0 ? previous : pattern[at - 1]) === '/';
  if (first && rest.startsWith('**/')) return [FOLDERS, 3];
  if (first && rest === '**') return ['[^]+', 2];
  if (rest.startsWith('*')) return ['[^/]*', /^\*+/.exec(rest)?.[0].length ?? 1];
  if (rest.startsWith('?')) return ['[^/]', 1];
  const set = /^\[(!?)([^\]/]+)\]/.exec(rest);
  if (set) return [`[${set[1] ? '^/' : ''}${(set[2] ?? '').replace(/[\\^[]/g, '\\$&')}]`, set[0].length];
  return [rest.charAt(0).replace(ESCAPED, '\\$&'), 1];
}

const FOLDERS = '(?:[^/]+/)*';

/** `{a,b}` as alternatives, which may hold more of them. Braces without a comma stand for themselves. */
function expression(pattern: string, previous = '/'): string {
  const braces = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (braces) {
    const [before, after] = [pattern.slice(0, braces.index), pattern.slice(braces.index + braces[0].length)];
    const alternatives = (braces[1] ?? '').split(',');
    if (before.includes('{') || after.startsWith('*')) {
      // one within another, or with something that depends on what stands before it: written out
      return `(?:${alternatives.map((part) => expression(`${before}${part}${after}`, previous)).join('|')})`;
    }
    const last = before.at(-1) ?? previous;
    const inner = alternatives.map((part) => expression(part, last)).join('|');
    return `${expression(before, previous)}(?:${inner})${expression(after, '}')}`;
  }
  let source = '';
  for (let at = 0; at < pattern.length; ) {
    const [part, length] = piece(pattern, at, previous);
    source += part;
    at += length;
  }
  return source;
}

/**
 * Compiles patterns; a path matches when it matches one of them.
 *
 * @param options.caseless letters of either case, as some file systems and the programs on them do
 * @example
 * matchPath(['test/**'])('test/a/b.js') === true
 */
export function matchPath(patterns: readonly string[], options: { caseless?: boolean } = {}): PathMatcher {
  const sources = patterns.map((pattern) =>
    expression(bytesOf(pattern.replace(/^(\.\/)+/, '').replace(/\/+$/, ''))),
  );
  // what most begin with is looked for once, not once for each
  const deep = sources.filter((source) => source.startsWith(FOLDERS));
  const parts = sources.filter((source) => !source.startsWith(FOLDERS));
  if (deep.length > 0) {
    parts.push(`${FOLDERS}(?:${deep.map((source) => source.slice(FOLDERS.length)).join('|')})`);
  }
  const whole = parts.length === 0 ? /(?!)/ : compile(`^(?:${parts.join('|')})$`, options.caseless);
  return (path) => whole.test(bytesOf(path));
}

function compile(source: string, caseless = false): RegExp {
  try {
    return new RegExp(source, caseless ? 'i' : '');
  } catch {
    return /(?!)/; // a range that is none, such as [z-a], matches nothing
  }
}
