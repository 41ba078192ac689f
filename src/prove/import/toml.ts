/**
 * TOML text → a tree. The library says what the values are, a scanner of our own where the keys stand.
 *
 * @module
 */
import { parse, TomlError } from 'smol-toml';
import { formatPath, type Path, type Position } from '../../contract/index.ts';
import { failed, MAX_DEPTH, type Parsed, START, type Tree } from './tree.ts';

/** Reads a TOML text. Never throws. */
export function parseTomlTree(text: string): Parsed<Tree> {
  let value: unknown;
  try {
    value = parse(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (error instanceof TomlError)
      return failed(
        { line: error.line, column: error.column },
        `not valid TOML: ${(error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '')}`,
        '',
      );
    return failed(START, `not readable as TOML: ${(error as Error).message}`, '');
  }
  return { ok: true, value: treeOf(value, [], keyPlaces(text), START) };
}

function treeOf(value: unknown, path: Path, places: ReadonlyMap<string, Position>, parent: Position): Tree {
  const at = places.get(formatPath(path)) ?? parent;
  if (Array.isArray(value))
    return {
      kind: 'list',
      at,
      items: value.map((item, index) => treeOf(item, [...path, index], places, at)),
    };
  if (value !== null && typeof value === 'object' && !(value instanceof Date)) {
    const entries = Object.entries(value).map(([name, each]) => {
      const tree = treeOf(each, [...path, name], places, at);
      return [name, { key: tree.at, value: tree }] as const;
    });
    return { kind: 'map', at, entries: new Map(entries) };
  }
  const scalar =
    typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string'
      ? value
      : String(value);
  return { kind: 'scalar', at, value: scalar, text: String(scalar) };
}

/** Where each table and each key of a line of its own stands. The text is valid. */
function keyPlaces(text: string): Map<string, Position> {
  const places = new Map<string, Position>();
  const counts = new Map<string, number>();
  let table: (string | number)[] = [];
  for (const statement of statements(text)) {
    const header = /^\[(\[?)(.*?)\]?\]\s*$/s.exec(statement.head);
    const note = (path: Path) => {
      for (let length = 1; length <= path.length; length += 1) {
        const key = formatPath(path.slice(0, length));
        if (!places.has(key)) places.set(key, statement.at);
      }
    };
    if (header !== null && !statement.hasValue) {
      table = keyParts(header[2] ?? '');
      if (header[1] === '[') {
        const name = formatPath(table);
        const count = counts.get(name) ?? 0;
        counts.set(name, count + 1);
        table.push(count);
      }
      note(table);
    } else note([...table, ...keyParts(statement.head)]);
  }
  return places;
}

const keyParts = (text: string): string[] =>
  [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+)/g)].map(
    ([, double, single, bare]) => bare ?? single ?? (JSON.parse(`"${double}"`) as string),
  );

interface Statement {
  readonly at: Position;
  /** A table's header, or what stands before `=`. */
  readonly head: string;
  readonly hasValue: boolean;
}

/** Lines as TOML counts them: strings and brackets hold them together. */
function* statements(text: string): Generator<Statement> {
  // strings of each kind, comments, ends of lines, and the characters that structure a value
  const token =
    /"""(?:[^\\]|\\[\s\S])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|\n|[[\]{}=]|[^\s"'#[\]{}=]+/g;
  let line = 1;
  let lineStart = 0;
  let start: { at: Position; offset: number } | undefined;
  let equals: number | undefined;
  let depth = 0;
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [word] = match;
    if (word === '\n') {
      line += 1;
      lineStart = match.index + 1;
      if (start !== undefined && depth <= 0) {
        yield {
          at: start.at,
          head: text.slice(start.offset, equals ?? end).trim(),
          hasValue: equals !== undefined,
        };
        start = undefined;
        equals = undefined;
        depth = 0;
      }
      continue;
    }
    if (word.startsWith('#')) continue;
    start ??= { at: { line, column: match.index - lineStart + 1 }, offset: match.index };
    if (word === '=' && depth === 0) equals ??= match.index;
    if (word === '[' || word === '{') depth += 1;
    if (word === ']' || word === '}') depth -= 1;
    end = match.index + word.length;
    const breaks = word.split('\n').length - 1;
    if (breaks > 0) {
      line += breaks;
      lineStart = match.index + word.lastIndexOf('\n') + 1;
    }
  }
  if (start !== undefined)
    yield {
      at: start.at,
      head: text.slice(start.offset, equals ?? end).trim(),
      hasValue: equals !== undefined,
    };
}
