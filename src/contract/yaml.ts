/**
 * YAML text → plain values and the place of each. Contracts use the plain part of YAML only: no anchors, aliases, tags,
 * merge keys or second documents, so that what a reader sees at a line is what holds there.
 *
 * @module
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { formatPath, type Path, type Position } from './problem.ts';
import type { Place, Places } from './source.ts';

const MAX_DEPTH = 24;

export interface Fault extends Position {
  path: string;
  message: string;
  hint: string;
}

export interface Parsed {
  value: unknown;
  places: Places;
  faults: Fault[];
}

/** What the parser says, what that is in the words of someone who writes a contract, and what to do. */
const SYNTAX: readonly (readonly [RegExp, string, string])[] = [
  [/end with a [\]}]/, 'a [ or { before this place is not closed', 'Close it with ] or }.'],
  [/Missing closing ["']quote/, 'a quotation mark before this place is not closed', 'Close it.'],
  [
    /Nested mappings are not allowed/,
    'a second ": " on one line',
    'Put the value in quotes, or its keys on lines of their own.',
  ],
  [
    /same column|Inconsistent indentation/i,
    'this line is indented differently from the lines it belongs with',
    'Keys of one mapping, and the dashes of one list, start at the same column.',
  ],
  [/followed by map values|need to be on a single line/, 'this line has no ":"', 'Write KEY: VALUE.'],
  [/reserved character/, 'a value starts with a character that YAML reserves (@ or `)', 'Put it in quotes.'],
];

/** Syntax errors as newcomers meet them, in the contract's words. */
function explainSyntax(code: string, message: string, line: string): { message: string; hint: string } {
  if (code === 'TAB_AS_INDENT' || (/\btab/i.test(message) && line.includes('\t')))
    return {
      message: 'a tab is used for indentation',
      hint: 'Indent with spaces: YAML does not allow tabs.',
    };
  if (code === 'MULTIPLE_DOCS')
    return {
      message: 'a second document starts here',
      hint: 'One file is one document: remove the line "---".',
    };
  if (/[:[,-]\s*[*&!]/.test(line))
    return {
      message: 'a value starts with a character that means something else in YAML (*, & or !)',
      hint: "Put it in quotes, for example '*.example.com' or '**'.",
    };
  for (const [pattern, what, hint] of SYNTAX) if (pattern.test(message)) return { message: what, hint };
  const first = (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '');
  return { message: `not valid YAML: ${first}`, hint: '' };
}

/** Control characters and invisible ones, such as those that reverse the reading direction (CVE-2021-42574): they make text lie. */
const DECEPTIVE = /[\p{Cf}\u2028\u2029]|(?![\n\t])\p{Cc}/u;

const EMPTY_CONTRACT = {
  message: 'the contract is empty',
  hint: 'Write at least: ringfence: 1 and, on the next line, name: my-contract',
};

/**
 * Parses the text of a contract, or of another file of data. Never throws: whatever is wrong is in `faults`, and then
 * `value` is not to be used.
 *
 * @param empty what is said of a text with nothing in it
 */
export function parseYaml(text: string, empty = EMPTY_CONTRACT): Parsed {
  const lines = new LineCounter();
  const faults: Fault[] = [];
  const places = new Map<string, Place>();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.max(0, offset));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const fault = (offset: number, path: Path, message: string, hint: string) =>
    faults.push({ ...position(offset), path: formatPath(path), message, hint });

  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  // Comments count too: who reviews a contract reads them. A carriage return is a line's end only before a newline.
  const shown = body.replaceAll('\r\n', ' \n');
  const deceptive = DECEPTIVE.exec(shown);
  if (deceptive) {
    const before = shown.slice(0, deceptive.index).split('\n');
    const code = deceptive[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    faults.push({
      line: before.length,
      column: (before.at(-1) ?? '').length + 1,
      path: '',
      message: `an invisible or control character, U+${code}`,
      hint: 'Remove it: a text must read as what it says.',
    });
    return { value: undefined, places, faults };
  }

  let documents: ReturnType<typeof parseAllDocuments>;
  try {
    documents = parseAllDocuments(body, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      version: '1.2',
      schema: 'core',
      merge: false,
    });
  } catch (error) {
    fault(0, [], `not readable as YAML: ${error instanceof Error ? error.message : String(error)}`, '');
    return { value: undefined, places, faults };
  }
  const document = 'empty' in documents ? undefined : documents[0];
  if (document === undefined) {
    fault(0, [], empty.message, empty.hint);
    return { value: undefined, places, faults };
  }
  const second = 'empty' in documents ? undefined : documents[1];
  if (second !== undefined) {
    const { message, hint } = explainSyntax('MULTIPLE_DOCS', '', '');
    fault(second.range?.[0] ?? 0, [], message, hint);
  }
  const bodyLines = document.errors.length > 0 ? body.split('\n') : [];
  for (const error of document.errors.slice(0, 10)) {
    const at = position(error.pos[0]);
    const explained = explainSyntax(error.code, error.message, bodyLines[at.line - 1] ?? '');
    faults.push({ ...at, path: '', ...explained });
  }
  // Warnings are about tags and directives; a contract has neither.
  for (const warning of document.errors.length > 0 ? [] : document.warnings.slice(0, 10))
    fault(warning.pos[0], [], `not used here: ${warning.message.split('\n')[0]}`, 'Remove it.');
  if (faults.length > 0) return { value: undefined, places, faults };

  const offsetOf = (node: Node): number => node.range?.[0] ?? 0;

  const scalar = (value: unknown, offset: number, path: Path): unknown => {
    if (typeof value === 'string' && DECEPTIVE.test(value))
      fault(offset, path, 'contains control or invisible characters', 'Write plain visible text.');
    if (typeof value === 'bigint') return Number(value);
    return value;
  };

  const convert = (node: unknown, path: Path, key: Position | undefined, fallback: number): unknown => {
    if (node === null || node === undefined) {
      places.set(formatPath(path), { value: position(fallback), ...(key && { key }) });
      return null;
    }
    const at = offsetOf(node as Node);
    places.set(formatPath(path), { value: position(at), ...(key && { key }) });
    if (path.length > MAX_DEPTH) {
      fault(
        at,
        path.slice(0, 3),
        `nested deeper than ${MAX_DEPTH} levels`,
        'Nothing here needs more than six.',
      );
      return null;
    }
    if (isAlias(node)) {
      fault(
        at,
        path,
        `*${node.source} is read as a YAML alias`,
        `Put it in quotes, '*${node.source}', or write the value out: there are no aliases here.`,
      );
      return null;
    }
    const { anchor, tag } = node as { anchor?: string; tag?: string };
    if (anchor !== undefined) {
      fault(
        at,
        path,
        `&${anchor} is read as a YAML anchor`,
        'Put the value in quotes: there are no anchors here.',
      );
      return null;
    }
    if (tag !== undefined) {
      fault(at, path, 'a value starting with ! is read as a YAML tag', 'Put the value in quotes.');
      return null;
    }
    if (isScalar(node)) return scalar(node.value, at, path);
    if (isSeq(node)) return node.items.map((item, index) => convert(item, [...path, index], undefined, at));
    if (isMap(node)) {
      const result: Record<string, unknown> = {};
      const seen = new Map<string, Position>();
      for (const pair of node.items) {
        const keyNode = pair.key;
        const keyOffset = keyNode !== null && typeof keyNode === 'object' ? offsetOf(keyNode as Node) : at;
        if (!isScalar(keyNode) || keyNode.anchor !== undefined || keyNode.value === null) {
          fault(
            keyOffset,
            path,
            'a key is not a plain word',
            'Write KEY: VALUE; put unusual keys in quotes.',
          );
          continue;
        }
        // `on`, `1` and `null` are what they look like: the text that was written
        const name =
          typeof keyNode.value === 'string' ? keyNode.value : (keyNode.source ?? String(keyNode.value));
        const keyPath = [...path, name];
        const keyPosition = position(keyOffset);
        scalar(name, keyOffset, keyPath);
        if (name === '<<' || name === '__proto__') {
          const hint = name === '<<' ? 'Contracts have no merge keys: write the values out.' : 'Remove it.';
          fault(keyOffset, keyPath, `unknown key ${JSON.stringify(name)}`, hint);
          continue;
        }
        const first = seen.get(name);
        if (first !== undefined) {
          fault(
            keyOffset,
            keyPath,
            `the key ${JSON.stringify(name)} is written twice`,
            `It stands first on line ${first.line}: keep one of them.`,
          );
          continue;
        }
        seen.set(name, keyPosition);
        result[name] = convert(pair.value, keyPath, keyPosition, keyNode.range?.[1] ?? keyOffset);
      }
      return result;
    }
    fault(at, path, 'not a value that can stand here', '');
    return null;
  };

  const value = convert(document.contents, [], undefined, 0);
  return { value, places, faults };
}
