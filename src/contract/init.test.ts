import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { proposeContract, writeProposal } from './init.ts';
import { loadContract, parseContract } from './load.ts';
import { formatProblem } from './problem.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ringfence-init-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function files(entries: Record<string, string>): void {
  for (const [path, text] of Object.entries(entries)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** The proposal for the files in `root`, and the contract that it loads as. */
function propose() {
  const proposal = proposeContract(root);
  const loaded = parseContract(proposal.text, 'ringfence.yaml');
  if (!loaded.ok) throw new Error(`${loaded.problems.map(formatProblem).join('\n')}\n${proposal.text}`);
  return { ...proposal, contract: loaded.contract };
}

describe('the kind of project and its test command', () => {
  test.each([
    [
      'node',
      { 'package.json': '{"scripts":{"test":"node --test"}}', 'package-lock.json': '{}' },
      'node',
      'npm test',
    ],
    ['pnpm', { 'package.json': '{"scripts":{"test":"vitest"}}', 'pnpm-lock.yaml': '' }, 'node', 'pnpm test'],
    ['yarn', { 'package.json': '{"scripts":{"test":"jest"}}', 'yarn.lock': '' }, 'node', 'yarn test'],
    [
      'a declared manager',
      { 'package.json': '{"packageManager":"pnpm@9.0.0","scripts":{"test":"x"}}' },
      'node',
      'pnpm test',
    ],
    [
      'a placeholder test',
      { 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' },
      'node',
      undefined,
    ],
    ['a broken manifest', { 'package.json': '{' }, 'node', undefined],
    ['pytest', { 'pyproject.toml': '[tool.pytest.ini_options]\n' }, 'python', 'python3 -m pytest'],
    ['pytest by conftest', { 'setup.py': '', 'tests/conftest.py': '' }, 'python', 'python3 -m pytest'],
    ['unittest', { 'setup.py': '' }, 'python', 'python3 -m unittest discover'],
    ['uv', { 'pyproject.toml': 'pytest', 'uv.lock': '' }, 'python', 'uv run python3 -m pytest'],
    ['django', { 'requirements.txt': 'django', 'manage.py': '' }, 'python', 'python3 manage.py test'],
    ['go', { 'go.mod': 'module example.com/x\n' }, 'go', 'go test ./...'],
    ['rust', { 'Cargo.toml': '[package]\n' }, 'rust', 'cargo test'],
    ['make', { Makefile: 'all:\n\ttrue\ntest: all\n\ttrue\n' }, 'plain', 'make test'],
    ['nothing', { 'notes.txt': '' }, 'plain', undefined],
    ['go beside a package.json without tests', { 'package.json': '{}', 'go.mod': '' }, 'go', 'go test ./...'],
  ] as [string, Record<string, string>, string, string | undefined][])('%s', (_, entries, kind, command) => {
    files(entries);
    const { project, contract } = propose();
    expect(project.kind).toBe(kind);
    expect(project.test).toBe(command);
    expect(contract.objective.success?.run).toBe(command);
    expect(contract.network).toEqual([]);
  });
});

test('the files that decide success are protected', () => {
  files({ 'package.json': '{"scripts":{"test":"mocha"}}', 'test/a.js': '' });
  expect(propose().contract.objective.success?.protect).toEqual([
    'test/**',
    '**/*.test.*',
    '**/*.spec.*',
    'package.json',
    '.npmrc',
    'node_modules/**',
    '.mocharc.{js,cjs,mjs,yaml,yml,json,jsonc}',
  ]);
});

test('files that may hold secrets are hidden; templates, settings and dependencies are not', () => {
  files({
    '.env': 'A=1',
    '.env.local': 'A=1',
    '.env.example': 'A=',
    'deploy/server.pem': 'x',
    'deploy/id_ed25519': 'x',
    'deploy/id_ed25519.pub': 'x',
    '.npmrc': 'save-exact=true',
    'sub/.npmrc': '//registry.example.com/:_authToken=x',
    'node_modules/x/.env': 'x',
    'src/key.ts': '',
  });
  const { secrets, contract } = propose();
  expect(secrets).toEqual(['.env', '.env.local', 'deploy/id_ed25519', 'deploy/server.pem', 'sub/.npmrc']);
  expect(contract.files.hide).toEqual([
    '**/.env',
    '.env.local',
    'deploy/id_ed25519',
    'deploy/server.pem',
    'sub/.npmrc',
  ]);
});

test('odd names of files and folders still give a contract that loads', () => {
  const name = fc
    .string({ minLength: 1, maxLength: 12 })
    .filter((text) => !/[/\0]/.test(text) && !/^\.{1,2}$/.test(text));
  fc.assert(
    fc.property(name, (text) => {
      const sub = mkdtempSync(join(root, 'p-'));
      const folder = join(sub, text);
      mkdirSync(folder);
      writeFileSync(join(folder, `${text}.pem`), '');
      const proposal = proposeContract(folder);
      const loaded = parseContract(proposal.text, 'c.yaml');
      expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([]);
      expect(proposal.secrets).toHaveLength(1);
      rmSync(sub, { recursive: true });
    }),
    { numRuns: 200 },
  );
});

test('what is written loads; nothing is ever overwritten', () => {
  files({ 'go.mod': '' });
  const first = writeProposal(proposeContract(root));
  expect(first.ok).toBe(true);
  expect(loadContract(first.path).ok).toBe(true);
  const before = readFileSync(first.path, 'utf8');
  expect(writeProposal(proposeContract(root))).toMatchObject({
    ok: false,
    message: 'there is a contract here already',
  });
  expect(readFileSync(first.path, 'utf8')).toBe(before);
  rmSync(first.path);
  symlinkSync('elsewhere', first.path);
  expect(writeProposal(proposeContract(root)).ok).toBe(false);
  expect(() => readFileSync(join(root, 'elsewhere'))).toThrow();
});

test('a folder that is not there is said, not thrown', () => {
  expect(writeProposal(proposeContract(join(root, 'absent')))).toMatchObject({
    ok: false,
    hint: expect.any(String),
  });
});
