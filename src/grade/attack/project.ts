/**
 * What of a workspace an attack on its objective needs to know: sources, tests, and what runs them.
 *
 * @module
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Language = 'node' | 'python' | 'shell';

export interface SourceFile {
  /** relative to the workspace */
  path: string;
  /** latin1: one character a byte */
  text: string;
  language: Language;
}

export interface Project {
  /** the command of objective.success */
  run: string;
  /** code under test */
  sources: SourceFile[];
  tests: SourceFile[];
  /** text of a file at the top or in a folder, undefined where there is none */
  read: (path: string) => string | undefined;
}

const SKIP = new Set([
  '.git',
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  'dist',
  'build',
  'target',
  '.cache',
]);
const MOST_FILES = 5000;
const LARGEST = 256 * 1024;

const TEST =
  /(^|\/)(tests?|specs?|__tests__)\/|[.-](test|spec)\.\w+$|(^|\/)test[_-][^/]*$|_test\.\w+$|(^|\/)(run-?)?tests?\.\w+$/i;
const CONFIG = /(^|\/)([\w.-]+\.config\.\w+|conftest\.py|setup\.py|\.[^/]*)$/;

function languageOf(path: string, text: string): Language | undefined {
  if (/\.(c|m)?(j|t)sx?$/.test(path)) return 'node';
  if (path.endsWith('.py')) return 'python';
  if (path.endsWith('.sh') || /^#!.*\b(ba|da)?sh\b/.test(text)) return 'shell';
  return /^#!.*\bpython/.test(text) ? 'python' : /^#!.*\bnode\b/.test(text) ? 'node' : undefined;
}

/** Looks at a bounded number of files; what is hidden from the agent is not looked at. */
export function readProject(
  workspace: string,
  run: string,
  { isProtected, isHidden }: { isProtected: (path: string) => boolean; isHidden: (path: string) => boolean },
): Project {
  const project: Project = { run, sources: [], tests: [], read: (path) => readText(join(workspace, path)) };
  const pending = [''];
  let seen = 0;
  for (let folder = pending.shift(); folder !== undefined && seen < MOST_FILES; folder = pending.shift()) {
    for (const entry of readdirSync(join(workspace, folder), { withFileTypes: true })) {
      seen += 1;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (isHidden(path)) continue;
      if (entry.isDirectory() && !SKIP.has(entry.name)) pending.push(path);
      if (!entry.isFile()) continue;
      const text = readText(join(workspace, path));
      const language = text === undefined ? undefined : languageOf(path, text);
      if (text === undefined || language === undefined || CONFIG.test(path)) continue;
      const isTest = TEST.test(path) || isProtected(path);
      project[isTest ? 'tests' : 'sources'].push({ path, text, language });
    }
  }
  return project;
}

function readText(path: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile() || stats.size > LARGEST) return undefined;
  try {
    const text = readFileSync(path, 'latin1');
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Puts code before everything else of a file but what must stay first: `#!`, a docstring's imports of the future. */
export function prepend({ text, language }: SourceFile, code: string): string {
  const first = language === 'python' ? /^(#!.*\n)?((from __future__ .*|\s*#.*)?\n)*/ : /^(#!.*\n)?/;
  const head = first.exec(text)?.[0] ?? '';
  return `${head}${code}\n${text.slice(head.length)}`;
}

export const isModule = ({ path, text }: SourceFile, project: Project): boolean =>
  /\.m[jt]s$/.test(path) ||
  (!/\.c[jt]s$/.test(path) &&
    (/^\s*(import\s[^(]|export\s)/m.test(text) ||
      /"type"\s*:\s*"module"/.test(project.read('package.json') ?? '')));
