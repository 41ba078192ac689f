/**
 * YAML of rule files → plain values and the place of each. Unlike a contract, a rule file may hold several documents,
 * anchors and aliases (within bounds), and characters that rules look for: invisible ones, too.
 *
 * @module
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { type Finding, formatPath, type Path, type Position, type Problem } from '../../../contract/index.ts';

/** Longest file in UTF-16 code units; SigmaHQ's longest has 30,000. */
const MAX_LENGTH = 1_000_000;
/** Values of one file, aliases resolved: what a "billion laughs" runs into. */
const MAX_VALUES = 100_000;
const MAX_DEPTH = 32;

export interface SourceDocument {
  readonly value: unknown;
  readonly line: number;
  /** gives what is wrong in it its place: the nearest that is written */
  readonly problem: (finding: Finding) => Problem;
}

/** Never throws: what is wrong is in `problems`, and a document with a problem is left out. */
export function readDocuments(
  text: string,
  file: string,
): { documents: SourceDocument[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.max(0, offset));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const say = (at: Position, message: string, hint = ''): void => {
    problems.push({ file, ...at, path: '', message, hint });
  };
  if (text.length > MAX_LENGTH) {
    say({ line: 1, column: 1 }, `longer than ${MAX_LENGTH} characters`, 'Split it into several files.');
    return { documents: [], problems };
  }
  let parsed: ReturnType<typeof parseAllDocuments>;
  try {
    parsed = parseAllDocuments(text.startsWith('\uFEFF') ? text.slice(1) : text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      version: '1.2',
      schema: 'core',
      merge: false,
    });
  } catch (error) {
    say(
      { line: 1, column: 1 },
      `not readable as YAML: ${error instanceof Error ? error.message : String(error)}`,
    );
    return { documents: [], problems };
  }
  const documents: SourceDocument[] = [];
  for (const document of 'empty' in parsed ? [] : parsed) {
    const before = problems.length;
    for (const error of document.errors.slice(0, 10))
      say(position(error.pos[0]), `not valid YAML: ${error.message.split('\n')[0] ?? ''}`);
    if (problems.length > before || document.contents === null) continue;

    const places = new Map<string, { value: Position; key?: Position }>();
    const anchors = new Map<string, Node>();
    let values = 0;
    const convert = (node: unknown, path: Path, key: Position | undefined, fallback: Position): unknown => {
      const at =
        typeof node === 'object' && node !== null && (node as Node).range
          ? position((node as Node).range?.[0] ?? 0)
          : fallback;
      const place = formatPath(path);
      if (!places.has(place)) places.set(place, { value: at, ...(key && { key }) });
      values += 1;
      if (values > MAX_VALUES || path.length > MAX_DEPTH) {
        if (values <= MAX_VALUES + 1 || path.length > MAX_DEPTH)
          say(
            at,
            path.length > MAX_DEPTH
              ? `nested deeper than ${MAX_DEPTH} levels`
              : `more than ${MAX_VALUES} values`,
          );
        values = Math.max(values, MAX_VALUES + 2);
        return null;
      }
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) return convert(target, path, key, at);
        say(
          at,
          `*${node.source} is read as a YAML alias of something that is not there`,
          'Put it in quotes.',
        );
        return null;
      }
      const anchor = (node as { anchor?: string } | null)?.anchor;
      let value: unknown = null;
      if (isScalar(node)) value = typeof node.value === 'bigint' ? String(node.value) : node.value;
      else if (isSeq(node))
        value = node.items.map((item, index) => convert(item, [...path, index], undefined, at));
      else if (isMap(node)) {
        const record: Record<string, unknown> = Object.create(null);
        for (const pair of node.items) {
          const keyAt = (pair.key as Node | null)?.range ? position((pair.key as Node).range?.[0] ?? 0) : at;
          if (!isScalar(pair.key)) {
            say(keyAt, 'a key is not a plain word', 'Write KEY: VALUE.');
            continue;
          }
          const name =
            typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? String(pair.key.value));
          if (name in record) {
            say(keyAt, `the key ${JSON.stringify(name)} is written twice`, 'Keep one of them.');
            continue;
          }
          record[name] = convert(pair.value, [...path, name], keyAt, keyAt);
        }
        value = record;
      }
      // only now: an alias inside its own anchor would never end
      if (anchor !== undefined) anchors.set(anchor, node as Node);
      return value;
    };
    const start = position((document.contents as Node).range?.[0] ?? 0);
    const value = convert(document.contents, [], undefined, start);
    if (problems.length > before) continue;
    documents.push({
      value,
      line: start.line,
      problem: ({ path, at, message, hint }) => {
        for (let length = path.length; length >= 0; length -= 1) {
          const place = places.get(formatPath(path.slice(0, length)));
          if (place === undefined) continue;
          const exact = length === path.length && at !== 'key';
          const where = exact ? place.value : (place.key ?? place.value);
          return { file, ...where, path: formatPath(path), message, hint };
        }
        return { file, ...start, path: formatPath(path), message, hint };
      },
    });
  }
  if (documents.length === 0 && problems.length === 0)
    say({ line: 1, column: 1 }, 'there is no rule in this file', 'Write title, logsource and detection.');
  return { documents, problems };
}
