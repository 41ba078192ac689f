/**
 * Files that decide what `success.run` says and that the contract does not protect: looked for by name, in what is there and
 * in what the command would take if it came.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Words of the command → the names that it takes, those that are only looked for included. */
const DECIDERS: readonly { word: RegExp; names: readonly string[]; why: string }[] = [
  {
    word: /\b(npm|pnpm|yarn|npx|bun)\b/,
    names: ['package.json', '.npmrc', 'node_modules/.bin'],
    why: 'scripts, how they are run, and the programs they call',
  },
  {
    word: /\bvitest\b/,
    names: [
      'vitest.config.ts',
      'vitest.config.mts',
      'vitest.config.js',
      'vitest.config.mjs',
      'vite.config.ts',
      'vite.config.js',
    ],
    why: 'the runner’s configuration',
  },
  {
    word: /\bjest\b/,
    names: ['jest.config.js', 'jest.config.ts', 'jest.config.json', 'jest.config.cjs', 'jest.config.mjs'],
    why: 'the runner’s configuration',
  },
  {
    word: /\bpytest\b/,
    names: ['conftest.py', 'pytest.ini', 'pyproject.toml', 'tox.ini', 'setup.cfg', 'pytest.py'],
    why: 'hooks and options of the runner',
  },
  { word: /\bunittest\b/, names: ['unittest.py'], why: 'it would take the place of the library’s module' },
  {
    word: /\bmake\b/,
    names: ['GNUmakefile', 'makefile', 'Makefile'],
    why: 'the targets, in the order in which make looks for them',
  },
  { word: /\bcargo\b/, names: ['Cargo.toml', '.cargo', 'build.rs'], why: 'what is built and run' },
];

export interface Decider {
  names: string[];
  why: string;
}

/** @param isProtected whether a path of the workspace is protected */
export function unprotectedDeciders(
  workspace: string,
  run: string,
  isProtected: (path: string) => boolean,
): Decider[] {
  const script = /\b(?:npm|pnpm|yarn|bun)\b/.test(run) ? scripts(workspace) : '';
  const words = `${run}\n${script}`;
  const found = DECIDERS.filter(({ word }) => word.test(words)).flatMap(({ names, why }): Decider[] => {
    const open = names.filter((name) => !isProtected(name));
    return open.length === 0 ? [] : [{ names: open, why }];
  });
  const named = run
    .split(/[\s;&|]+/)
    .map((word) => word.replace(/^\.\//, ''))
    .filter(
      (word) => /^[\w./-]+\.\w+$/.test(word) && !word.startsWith('/') && existsSync(join(workspace, word)),
    )
    .filter((word) => !isProtected(word));
  return named.length === 0
    ? found
    : [...found, { names: [...new Set(named)], why: 'the command names them' }];
}

function scripts(workspace: string): string {
  try {
    const { scripts: all } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
      scripts?: Record<string, string>;
    };
    return Object.entries(all ?? {})
      .filter(([name]) => /test/.test(name))
      .map(([, text]) => text)
      .join('\n');
  } catch {
    return '';
  }
}
