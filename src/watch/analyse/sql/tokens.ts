/**
 * SQL as tokens: texts, quoted names and comments told apart from words, as PostgreSQL, MySQL and SQLite do.
 *
 * @module
 */

export interface Token {
  kind: 'word' | 'name' | 'text' | 'number' | 'sign';
  /** words in upper case; names and texts without their quotes */
  value: string;
}

/** Longest script that is read, characters. */
const LONGEST = 262_144;

const SPACE = /\s+/y;
const LINE_COMMENT = /--[^\n]*|#(?![>-])[^\n]*/y;
const DOLLAR = /\$([A-Za-z_]\w*)?\$/y;
const TEXT = /[eEnNbBxX]?'(?:[^'\\]|''|\\[\s\S])*'?/y;
const NAME = /"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[A-Za-z_][^\]\n]*\]/y;
const NUMBER = /\d+(?:\.\d+)?(?:e[+-]?\d+)?/iy;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
/** `\c db`, `.read file`: orders to the client */
const CLIENT = /(?<=^|\n)[ \t]*[\\.][A-Za-z!][^\n]*/y;

/** Never throws: what is not closed ends with the text. */
export function tokenize(given: string): Token[] {
  const text = given.slice(0, LONGEST);
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const skipped = match(SPACE) ?? match(LINE_COMMENT) ?? match(CLIENT);
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    if (text.startsWith('/*', at)) {
      // MySQL executes what stands in /*! … */
      const executed = /^\/\*[!+]\d*/.exec(text.slice(at, at + 12))?.[0];
      at = executed?.startsWith('/*!') ? at + executed.length : endOfComment(text, at);
      continue;
    }
    if (text.startsWith('*/', at)) {
      at += 2;
      continue;
    }
    const dollar = match(DOLLAR);
    if (dollar !== undefined) {
      const end = text.indexOf(dollar, at + dollar.length);
      tokens.push({ kind: 'text', value: text.slice(at + dollar.length, end < 0 ? undefined : end) });
      at = end < 0 ? text.length : end + dollar.length;
      continue;
    }
    const quoted = match(TEXT);
    if (quoted !== undefined) {
      tokens.push({ kind: 'text', value: quoted.replace(/^[a-z]?'/i, '').replace(/'$/, '') });
      at += quoted.length;
      continue;
    }
    const [kind, found]: [Token['kind'], string] = pair('name', match(NAME)) ??
      pair('number', match(NUMBER)) ??
      pair('word', match(WORD)) ?? ['sign', text.charAt(at)];
    const value = kind === 'word' ? found.toUpperCase() : kind === 'name' ? found.slice(1, -1) : found;
    tokens.push({ kind, value });
    at += found.length;
  }
  return tokens;
}

const pair = (kind: Token['kind'], found: string | undefined): [Token['kind'], string] | undefined =>
  found === undefined ? undefined : [kind, found];

/** Comments nest in PostgreSQL. */
function endOfComment(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    if (text.startsWith('/*', at)) {
      depth++;
      at += 2;
    } else if (text.startsWith('*/', at)) {
      depth--;
      at += 2;
      if (depth === 0) return at;
    } else at++;
  }
  return text.length;
}
