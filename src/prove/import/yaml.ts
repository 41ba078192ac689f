/**
 * YAML and JSON text → trees. Anchors, aliases and merge keys are written out, within bounds: an alias costs what it stands for.
 *
 * @module
 */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
} from 'yaml';
import type { Position } from '../../contract/index.ts';
import {
  type Entry,
  type Fault,
  failed,
  MAX_DEPTH,
  MAX_VALUES,
  type Parsed,
  type Scalar,
  type Spot,
  START,
  type Tree,
} from './tree.ts';

/** Reads all documents of a YAML text; empty ones are left out. `file` is for what another file names. Never throws. */
export function parseYamlTrees(text: string, file?: string): Parsed<Tree[]> {
  const lines = new LineCounter();
  const deep = deepest(text);
  if (deep !== undefined)
    return failed(deep, 'brackets within brackets, thousands deep', 'Is this the right file?');
  let documents: Document.Parsed[];
  try {
    // merge keys are written out below, where their bounds are
    const parsed = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      version: '1.2',
      merge: false,
    });
    documents = 'empty' in parsed ? [] : [...parsed];
  } catch (error) {
    return failed(START, `not readable as YAML: ${(error as Error).message}`, '');
  }
  const faults = documents.flatMap(({ errors }) =>
    errors.slice(0, 10).map(({ pos, message }): Fault => {
      const { line, col } = lines.linePos(pos[0]);
      return {
        line: Math.max(1, line),
        column: Math.max(1, col),
        path: [],
        message: `not valid YAML: ${(message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}`,
        hint: '',
      };
    }),
  );
  if (faults.length > 0) return { ok: false, faults };
  const walker = new Walker(lines, file);
  const trees = documents.flatMap((document) => {
    if (document.contents === null) return [];
    const tree = walker.walk(document.contents, document, 0);
    return tree.kind === 'scalar' && tree.value === null ? [] : [tree];
  });
  return walker.fault === undefined ? { ok: true, value: trees } : { ok: false, faults: [walker.fault] };
}

/** Brackets that are open at once, beyond which the parser would be busy for long; those in texts count, too. */
const MAX_BRACKETS = 4_096;

/** Where more brackets are open than anybody writes. */
function deepest(text: string): Position | undefined {
  let open = 0;
  for (const { 0: character, index } of text.matchAll(/[[\]{}]/g)) {
    open = Math.max(0, open + (character === '[' || character === '{' ? 1 : -1));
    if (open > MAX_BRACKETS) {
      const before = text.slice(0, index).split('\n');
      return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
    }
  }
  return undefined;
}

/** Reads one JSON text. Never throws. */
export function parseJsonTree(text: string): Parsed<Tree> {
  try {
    JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const at = /position (\d+)/.exec(message);
    const offset = at === null ? text.length : Number(at[1]);
    const before = text.slice(0, offset).split('\n');
    return failed(
      { line: before.length, column: (before.at(-1) ?? '').length + 1 },
      `not valid JSON: ${message.replace(/ \(line \d+ column \d+\)/, '').replace(/ in JSON at position \d+.*$/s, '')}`,
      'JSON has no comments, no commas after the last entry, and quotes around every key.',
    );
  }
  // valid JSON has tabs between values alone, where a space says the same
  const parsed = parseYamlTrees(text.replaceAll('\t', ' '));
  if (!parsed.ok) return parsed;
  const [tree] = parsed.value;
  return tree === undefined
    ? failed(START, 'the file holds no value', 'Write a JSON object.')
    : { ok: true, value: tree };
}

class Walker {
  fault: Fault | undefined;
  readonly #lines: LineCounter;
  readonly #file: string | undefined;
  #values = 0;

  constructor(lines: LineCounter, file: string | undefined) {
    this.#lines = lines;
    this.#file = file;
  }

  walk(node: unknown, document: Document, depth: number): Tree {
    const at = this.#position(node);
    const nothing: Tree = { kind: 'scalar', at, value: null, text: '' };
    this.#values += 1;
    if (this.fault !== undefined) return nothing;
    if (this.#values > MAX_VALUES || depth > MAX_DEPTH) {
      const bound = depth > MAX_DEPTH ? `${MAX_DEPTH} levels deep` : `${MAX_VALUES} values, aliases included`;
      this.fault = {
        ...at,
        path: [],
        message: `more than ${bound}`,
        hint: 'Is this the right file? No configuration needs that many.',
      };
      return nothing;
    }
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) {
        this.fault = { ...at, path: [], message: `*${node.source} names no anchor`, hint: 'Write it out.' };
        return nothing;
      }
      return this.walk(target, document, depth + 1);
    }
    if (isScalar(node))
      return { kind: 'scalar', at, value: plain(node.value), text: node.source ?? String(node.value) };
    if (isSeq(node))
      return { kind: 'list', at, items: node.items.map((item) => this.walk(item, document, depth + 1)) };
    if (isMap(node)) return { kind: 'map', at, entries: this.#entries(node.items, document, depth) };
    return nothing;
  }

  #entries(items: readonly unknown[], document: Document, depth: number): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    const merged: Tree[] = [];
    for (const item of items) {
      if (!isPair(item)) continue;
      const { key, value } = item as Pair;
      const tree = this.walk(value, document, depth + 1);
      const name = isScalar(key) ? String(key.value) : JSON.stringify(key);
      if (name === '<<') merged.push(...(tree.kind === 'list' ? tree.items : [tree]));
      // of a key that is there twice the last one holds, as in the readers of these formats
      else entries.set(name, { key: this.#position(key), value: tree });
    }
    // own keys before merged ones, and of these the first: https://yaml.org/type/merge.html
    for (const tree of merged)
      if (tree.kind === 'map')
        for (const [name, entry] of tree.entries) if (!entries.has(name)) entries.set(name, entry);
    return entries;
  }

  #position(node: unknown): Spot {
    const offset = (node as { range?: [number, number, number] } | null)?.range?.[0] ?? 0;
    const { line, col } = this.#lines.linePos(offset);
    const at = { line: Math.max(1, line), column: Math.max(1, col) };
    return this.#file === undefined ? at : { ...at, file: this.#file };
  }
}

function plain(value: unknown): Scalar {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' || value === null)
    return value;
  return typeof value === 'bigint' ? Number(value) : String(value);
}
