/**
 * Which files decide what a command says, by the words of the command: what a test runner loads, and under which names it
 * looks for it. From the runners' own documentation of their configuration files.
 *
 * @module
 */

/** Files of one kind; `patterns` name them relative to the project, with `{a,b}` for alternatives. */
export interface DecidingFiles {
  word: RegExp;
  patterns: readonly string[];
  why: string;
}

const SCRIPT = '{js,mjs,cjs,ts,mts,cts}';

const DECIDERS: readonly DecidingFiles[] = [
  {
    word: /\b(npm|pnpm|yarn|npx|bun)\b/,
    patterns: ['package.json', '.npmrc', 'node_modules/**'],
    why: 'scripts, how they are run, and the programs they call',
  },
  {
    word: /\bpnpm\b/,
    patterns: ['.pnpmfile.cjs', 'pnpm-workspace.yaml'],
    why: 'settings and hooks of the package manager',
  },
  {
    word: /\byarn\b/,
    patterns: ['.yarnrc', '.yarnrc.yml', '.yarn/**', '.pnp.{cjs,loader.mjs}'],
    why: 'settings and programs of the package manager',
  },
  { word: /\bbun\b/, patterns: ['bunfig.toml'], why: 'it names files that are loaded before the tests' },
  {
    word: /\bvitest\b/,
    patterns: [`vitest.config.${SCRIPT}`, `vite.config.${SCRIPT}`, 'vitest.workspace.{js,ts,mjs,json}'],
    why: 'the runner’s configuration',
  },
  {
    word: /\bjest\b/,
    patterns: [`jest.config.{js,mjs,cjs,ts,mts,cts,json}`],
    why: 'the runner’s configuration',
  },
  {
    // babel-jest, the default, compiles the tests as these say
    word: /\bjest\b/,
    patterns: ['babel.config.{js,mjs,cjs,json,cts}', '.babelrc', '.babelrc.{js,mjs,cjs,json,cts}'],
    why: 'they say how the tests are compiled',
  },
  {
    word: /\bmocha\b/,
    patterns: ['.mocharc.{js,cjs,mjs,yaml,yml,json,jsonc}'],
    why: 'the runner’s configuration',
  },
  { word: /\bava\b/, patterns: ['ava.config.{js,cjs,mjs}'], why: 'the runner’s configuration' },
  { word: /\btap\b/, patterns: ['.taprc'], why: 'the runner’s configuration' },
  {
    word: /\bpytest\b/,
    patterns: [
      ...['conftest.py', 'pytest.ini', '.pytest.ini', 'pyproject.toml', 'tox.ini', 'setup.cfg'],
      ...['pytest.py', 'pytest/**', '_pytest/**', 'pluggy.py', 'pluggy/**'],
    ],
    why: 'hooks and options of the runner, and what would take its place',
  },
  {
    word: /\bunittest\b/,
    patterns: ['unittest.py', 'unittest/**'],
    why: 'they would take the place of the library’s module',
  },
  {
    word: /\b(tox|nox)\b/,
    patterns: ['tox.ini', 'noxfile.py', 'setup.cfg', 'pyproject.toml'],
    why: 'what is run',
  },
  { word: /\buv\b/, patterns: ['uv.toml', 'pyproject.toml'], why: 'what is run, and by which interpreter' },
  { word: /\bpoetry\b/, patterns: ['poetry.toml', 'pyproject.toml'], why: 'what is run' },
  {
    word: /\bmake\b/,
    patterns: ['GNUmakefile', 'makefile', 'Makefile'],
    why: 'the targets, in the order in which make looks for them',
  },
  {
    word: /\bcargo\b/,
    patterns: ['Cargo.toml', '.cargo/**', 'build.rs', 'rust-toolchain', 'rust-toolchain.toml'],
    why: 'what is built and run',
  },
  {
    // TestMain of any such file decides the exit code
    word: /\bgo\s+test\b/,
    patterns: ['go.mod', 'go.work', 'vendor/**', '**/*_test.go'],
    why: 'what is built, and the tests themselves',
  },
];

/** @param words the command, and the scripts that it starts */
export const decidingFiles = (words: string): readonly DecidingFiles[] =>
  DECIDERS.filter(({ word }) => word.test(words));

/** Their patterns, each once: what a contract for this command protects. */
export const decidingPatterns = (words: string): string[] => [
  ...new Set(decidingFiles(words).flatMap(({ patterns }) => patterns)),
];
