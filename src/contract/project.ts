/**
 * What kind of project lies in a folder, how it is tested, and which files decide that. Read from files, never by running.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decidingPatterns } from './deciders.ts';

export interface Project {
  kind: 'node' | 'python' | 'go' | 'rust' | 'plain';
  /** the command that tests it, when one was found */
  test?: string;
  /** the command that installs what it depends on */
  install?: string;
  /** what that command starts, where it is written down: the text of `scripts.test` */
  script?: string;
  /** patterns of the files that decide whether the tests pass */
  protect: string[];
  /** how this was found out, in a sentence */
  found: string;
}

/** Text of a regular file of at most 1 MiB; `undefined` when there is none. */
function read(folder: string, name: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(join(folder, name), constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(descriptor);
    return status.isFile() && status.size <= 1_048_576 ? readFileSync(descriptor, 'utf8') : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function has(folder: string, name: string): boolean {
  try {
    statSync(join(folder, name));
    return true;
  } catch {
    return false;
  }
}

/** Those of the usual test folders that exist, as patterns. */
function testFolders(folder: string): string[] {
  return ['test', 'tests', '__tests__', 'spec', 'e2e']
    .filter((name) => has(folder, name))
    .map((name) => `${name}/**`);
}

const NODE_MANAGERS = [
  ['pnpm-lock.yaml', 'pnpm', 'pnpm install --frozen-lockfile'],
  ['yarn.lock', 'yarn', 'yarn install --immutable'],
  ['bun.lock', 'bun run', 'bun install --frozen-lockfile'],
  ['bun.lockb', 'bun run', 'bun install --frozen-lockfile'],
  ['package-lock.json', 'npm', 'npm ci'],
  ['npm-shrinkwrap.json', 'npm', 'npm ci'],
] as const;

function detectNode(folder: string): Project | undefined {
  const text = read(folder, 'package.json');
  if (text === undefined) return undefined;
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch {
    manifest = {};
  }
  const { scripts, packageManager } = (manifest ?? {}) as { scripts?: unknown; packageManager?: unknown };
  const declared = typeof packageManager === 'string' ? packageManager.split('@')[0] : undefined;
  const [lock, runner, install] =
    NODE_MANAGERS.find(([, name]) => declared !== undefined && name.startsWith(declared)) ??
    NODE_MANAGERS.find(([file]) => has(folder, file)) ??
    (['package.json', 'npm', 'npm install'] as const);
  const script = (scripts as { test?: unknown } | undefined)?.test;
  // what "npm init" writes is not a test
  const tested = typeof script === 'string' && !script.includes('no test specified');
  return {
    kind: 'node',
    ...(tested && { test: `${runner} test` }),
    install,
    protect: [...testFolders(folder), '**/*.test.*', '**/*.spec.*', 'package.json'],
    ...(tested && { script }),
    found: `A Node project (${lock === 'package.json' ? 'package.json' : `package.json and ${lock}`}).`,
  };
}

function detectPython(folder: string): Project | undefined {
  const markers = [
    'pyproject.toml',
    'setup.py',
    'setup.cfg',
    'tox.ini',
    'requirements.txt',
    'Pipfile',
    'pytest.ini',
  ];
  const marker = markers.find((name) => has(folder, name));
  if (marker === undefined) return undefined;
  const project = read(folder, 'pyproject.toml') ?? '';
  const texts = [
    project,
    ...['setup.cfg', 'tox.ini', 'requirements.txt', 'requirements-dev.txt', 'Pipfile'].map(
      (name) => read(folder, name) ?? '',
    ),
  ].join('\n');
  const pytest =
    /pytest/.test(texts) ||
    ['pytest.ini', 'conftest.py', 'tests/conftest.py'].some((name) => has(folder, name));
  const [prefix, install] = has(folder, 'uv.lock')
    ? ['uv run ', 'uv sync --frozen']
    : has(folder, 'poetry.lock')
      ? ['poetry run ', 'poetry install']
      : has(folder, 'pdm.lock')
        ? ['pdm run ', 'pdm install --frozen-lockfile']
        : has(folder, 'Pipfile.lock')
          ? ['pipenv run ', 'pipenv sync']
          : ['', has(folder, 'requirements.txt') ? 'pip install -r requirements.txt' : 'pip install -e .'];
  const manage = has(folder, 'manage.py') && !pytest;
  const runner = pytest
    ? 'python3 -m pytest'
    : manage
      ? 'python3 manage.py test'
      : 'python3 -m unittest discover';
  return {
    kind: 'python',
    test: `${prefix}${runner}`,
    install: install as string,
    protect: [
      ...testFolders(folder),
      ...['**/test_*.py', '**/*_test.py', '**/conftest.py', marker],
      ...(manage ? ['manage.py'] : []),
    ],
    found: `A Python project (${marker}).`,
  };
}

function detectGo(folder: string): Project | undefined {
  if (!has(folder, 'go.mod')) return undefined;
  return {
    kind: 'go',
    test: 'go test ./...',
    install: 'go mod download',
    protect: ['**/*_test.go', '**/testdata/**', 'go.mod', 'go.sum'],
    found: 'A Go module (go.mod).',
  };
}

function detectRust(folder: string): Project | undefined {
  if (!has(folder, 'Cargo.toml')) return undefined;
  return {
    kind: 'rust',
    test: 'cargo test',
    install: 'cargo fetch --locked',
    protect: [...testFolders(folder), 'Cargo.toml', 'build.rs'].filter(
      (name) => name !== 'build.rs' || has(folder, name),
    ),
    found: 'A Rust package (Cargo.toml).',
  };
}

function detectPlain(folder: string): Project {
  const makefile = ['Makefile', 'makefile', 'GNUmakefile'].find((name) => has(folder, name));
  const target = makefile && /^(test|check)\s*:(?!=)/m.exec(read(folder, makefile) ?? '')?.[1];
  const protect = testFolders(folder);
  if (makefile !== undefined && target !== undefined && target !== '')
    return {
      kind: 'plain',
      test: `make ${target}`,
      protect: [...protect, makefile],
      found: `A project with a ${makefile}.`,
    };
  return { kind: 'plain', protect, found: 'No known kind of project.' };
}

/** The kind of project in `folder`. Where several lie together, the first of Node, Python, Go, Rust that has tests counts. */
export function detectProject(folder: string): Project {
  const found = [detectNode(folder), detectPython(folder), detectGo(folder), detectRust(folder)].filter(
    (project) => project !== undefined,
  );
  const project = found.find(({ test }) => test !== undefined) ?? found[0] ?? detectPlain(folder);
  if (project.test === undefined) return project;
  const decisive = decidingPatterns(`${project.test}\n${project.script ?? ''}`);
  return { ...project, protect: [...new Set([...project.protect, ...decisive])] };
}
