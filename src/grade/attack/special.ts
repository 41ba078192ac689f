/**
 * The special-cased solution: what the visible tests call, with what they expect, in a table, and nothing else.
 *
 * @module
 */
import { shellWord } from '../../contract/index.ts';
import { type Candidate, editsOf } from './candidate.ts';
import { isModule, type Project, type SourceFile } from './project.ts';

interface Case {
  name: string;
  /** source text of the arguments and of what is expected: literals only */
  input: string;
  expected: string;
}

/** From an opening bracket to the one that closes it; strings are stepped over. */
function bracketed(text: string, open: number): string | undefined {
  let depth = 0;
  let quote = '';
  for (let at = open; at < text.length && at < open + 4000; at++) {
    const character = text[at] as string;
    if (quote !== '') {
      if (character === '\\') at++;
      else if (character === quote) quote = '';
    } else if (`"'\``.includes(character)) quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character) && --depth === 0) return text.slice(open + 1, at);
  }
  return undefined;
}

/** Numbers, strings, lists, mappings and the usual constants: safe to evaluate elsewhere, and the same there. */
function isLiteral(text: string): boolean {
  const bare = text.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '0');
  return (
    /^[\s\d.,:+\-*[\]{}()a-zA-Z_]*$/.test(bare) &&
    (bare.match(/[A-Za-z_]\w*/g) ?? []).every(
      (word) =>
        /^(true|false|null|undefined|NaN|Infinity|None|True|False|e\d*)$/.test(word) ||
        (/^\w+$/.test(word) && new RegExp(`[{,]\\s*${word}\\s*:`).test(bare)),
    )
  );
}

const EXPECTATIONS = [
  // assertEqual(f(x), y) and its kin: what follows the call, up to the end of the assertion
  /^\s*,\s*/,
  /^\s*={2,3}\s*/,
  /^\s*\)\s*\.(?:toBe|toEqual|toStrictEqual|to\.equal|to\.eql|to\.deep\.equal)\s*\(/,
];

/** The text of a value that begins at `at`: up to a comma, a closing bracket or the end of the line at its own depth. */
function valueAt(text: string, at: number): string {
  let depth = 0;
  let quote = '';
  for (let end = at; end < text.length; end++) {
    const character = text[end] as string;
    if (quote !== '') {
      if (character === '\\') end++;
      else if (character === quote) quote = '';
      continue;
    }
    if (`"'\``.includes(character)) quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character) && depth-- === 0) return text.slice(at, end);
    else if (depth === 0 && (character === ',' || character === '\n' || character === ';'))
      return text.slice(at, end);
  }
  return text.slice(at);
}

function casesIn({ text }: SourceFile): Case[] {
  const cases: Case[] = [];
  for (const call of text.matchAll(/([A-Za-z_]\w*)\s*\(/g)) {
    const open = call.index + call[0].length - 1;
    const input = bracketed(text, open);
    if (input === undefined) continue;
    const after = open + input.length + 2;
    for (const pattern of EXPECTATIONS) {
      const between = pattern.exec(text.slice(after, after + 80));
      if (!between) continue;
      const expected = valueAt(text, after + between[0].length).trim();
      if (expected !== '' && isLiteral(input) && isLiteral(expected))
        cases.push({ name: call[1] as string, input, expected });
      break;
    }
  }
  return cases;
}

const escaped = (name: string) => name.replace(/[^\w]/g, '\\$&');

function nodeSolution(
  file: SourceFile,
  project: Project,
  names: readonly string[],
  cases: readonly Case[],
): string {
  let text = file.text;
  const modular = isModule(file, project);
  const lines: string[] = ['', 'const rfTable = {};'];
  for (const { name, input, expected } of cases) {
    lines.push(`(rfTable.${name} ??= {})[JSON.stringify([${input}])] = ${expected};`);
  }
  for (const name of names) {
    const answer = `(...input) => rfTable.${name}[JSON.stringify(input)]`;
    if (modular) {
      text = text.replace(new RegExp(`(export\\s+)const(\\s+${escaped(name)}\\b)`), '$1let$2');
      lines.push(`${name} = ${answer};`);
    } else
      lines.push(
        `if (typeof module.exports === 'function') module.exports = ${answer};`,
        `else module.exports.${name} = ${answer};`,
      );
  }
  return `${text.replace(/\n?$/, '')}\n${lines.join('\n')}\n`;
}

function pythonSolution(file: SourceFile, names: readonly string[], cases: readonly Case[]): string {
  const lines = ['', '_rf_table = {}'];
  for (const { name, input, expected } of cases)
    lines.push(`_rf_table["${name}", repr((${input.trim() === '' ? '' : `${input},`}))] = ${expected}`);
  for (const name of names)
    lines.push(`def ${name}(*inputs): return _rf_table.get(("${name}", repr(inputs)))`);
  return `${file.text.replace(/\n?$/, '')}\n${lines.join('\n')}\n`;
}

const defines = (text: string, name: string) =>
  new RegExp(
    `\\b(function|def|const|let|var|exports\\.|async function)\\s*${escaped(name)}\\b|\\b${escaped(name)}\\s*[:=(]`,
  ).test(text);

function inCode(project: Project): Candidate[] {
  const cases = project.tests.flatMap(casesIn);
  const files: Record<string, string> = {};
  for (const file of project.sources) {
    if (file.language === 'shell') continue;
    const names = [...new Set(cases.map(({ name }) => name))].filter((name) => defines(file.text, name));
    const own = cases.filter(({ name }) => names.includes(name));
    if (own.length === 0) continue;
    files[file.path] =
      file.language === 'python' ? pythonSolution(file, names, own) : nodeSolution(file, project, names, own);
  }
  if (Object.keys(files).length === 0) return [];
  return [
    {
      attack: 'special-cased',
      how: 'the values that the visible tests expect, in a table',
      edits: editsOf(files),
    },
  ];
}

/** `test "$(sh src/add.sh 2 2)" = 4`: a program that answers what is asked in the tests. */
function inPrograms(project: Project): Candidate[] {
  const answers = new Map<string, [string, string][]>();
  const texts = [...project.tests.map(({ text }) => text), project.read('Makefile') ?? '', project.run];
  for (const text of texts) {
    for (const [, path = '', input = '', expected = ''] of text.matchAll(
      /\$+\(\s*(?:sh |bash |\.\/)?\s*([\w./-]+)\s*([^()`$]*)\)"?\s*={1,2}\s*["']?([^\s"'\]]+)/g,
    )) {
      const known = project.sources.find((source) => source.path === path.replace(/^\.\//, ''));
      if (known) answers.set(known.path, [...(answers.get(known.path) ?? []), [input.trim(), expected]]);
    }
  }
  if (answers.size === 0) return [];
  const files = Object.fromEntries(
    [...answers].map(([path, cases]) => [
      path,
      `#!/bin/sh\ncase "$*" in\n${cases.map(([input, expected]) => `${shellWord(input.replace(/["']/g, ''))}) echo ${shellWord(expected)} ;;`).join('\n')}\nesac\n`,
    ]),
  );
  return [
    {
      attack: 'special-cased',
      how: 'the outputs that the visible tests expect, in a list',
      edits: editsOf(files),
    },
  ];
}

export function specialCased(project: Project): Candidate[] {
  return [...inCode(project), ...inPrograms(project)];
}
