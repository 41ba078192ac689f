/**
 * The set-up script in a small repository of its own: a stand-in for npm notes its calls, everything else is real.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
/** An ordinary user: nobody. */
const NOBODY = 65534;

let place: string;
let repository: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'ringfence-setup-'));
  chmodSync(place, 0o755);
  repository = join(place, 'repository');
  for (const folder of [
    'repository/scripts',
    'repository/src',
    'repository/rules',
    'repository/claims',
    'repository/native',
    'bin',
  ]) {
    mkdirSync(join(place, folder), { recursive: true });
  }
  for (const name of ['setup.sh', 'environment.sh', 'debian-packages.txt']) {
    cpSync(join(ROOT, 'scripts', name), join(repository, 'scripts', name));
  }
  write('package.json', '{"type":"module"}');
  write('package-lock.json', '{}');
  write('scripts/sources.ts', '');
  write('scripts/rules.ts', '');
  write('src/one.ts', 'export const one = 1;\n');
  write('native/Makefile', 'build/ringfence-cell: source.c\n\tmkdir -p build && cp source.c $@\n');
  write('native/source.c', 'first\n');
  write(
    'scripts/build.ts',
    "import { appendFileSync, writeFileSync } from 'node:fs';\nappendFileSync('calls', 'build\\n');\nwriteFileSync('dist/cli.js', 'console.log(1)');\n",
  );
  write(
    'scripts/proofs.ts',
    "import { appendFileSync } from 'node:fs';\nappendFileSync('calls', 'proofs\\n');\n",
  );
  // Slow enough that a second set-up comes while the first is at it.
  program('npm', 'echo npm >>calls; mkdir -p node_modules; sleep 0.3; [ ! -e broken ]');
  write('calls', '');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

function write(path: string, text: string): void {
  writeFileSync(join(repository, path), text);
}

function program(name: string, body: string): void {
  writeFileSync(join(place, 'bin', name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(place, 'bin', name), 0o755);
}

const calls = (): string[] => readFileSync(join(repository, 'calls'), 'utf8').split('\n').filter(Boolean);

function setup(purpose: string[] = [], identity: { uid?: number; gid?: number } = {}) {
  return new Promise<{ code: number | null; errors: string }>((done) => {
    const child = spawn('sh', ['scripts/setup.sh', ...purpose], {
      cwd: repository,
      env: { PATH: `${join(place, 'bin')}:${join(process.execPath, '..')}:/usr/bin:/bin`, HOME: place },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...identity,
    });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('close', (code) => done({ code, errors }));
  });
}

it('does each step once, and again only where its inputs changed', async () => {
  expect(await setup()).toMatchObject({ code: 0 });
  expect(calls()).toEqual(['npm', 'build', 'proofs']);
  const launcher = join(repository, `dist/native/linux-${process.arch}/ringfence-cell`);
  expect(readFileSync(launcher, 'utf8')).toBe('first\n');

  expect(await setup()).toEqual({ code: 0, errors: '' });
  expect(calls()).toEqual(['npm', 'build', 'proofs']);

  write('native/source.c', 'second\n');
  expect(await setup()).toMatchObject({ code: 0 });
  expect(readFileSync(launcher, 'utf8')).toBe('second\n');
  expect(calls()).toEqual(['npm', 'build', 'proofs']);

  write('src/two.ts', '');
  expect(await setup()).toMatchObject({ code: 0 });
  expect(calls()).toEqual(['npm', 'build', 'proofs', 'build', 'proofs']);

  write('package-lock.json', '{"other":1}');
  expect(await setup()).toMatchObject({ code: 0 });
  expect(calls()).toEqual(['npm', 'build', 'proofs', 'build', 'proofs', 'npm', 'build', 'proofs']);
});

it('lets two at once take turns', async () => {
  const both = await Promise.all([setup(), setup()]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(calls()).toEqual(['npm', 'build', 'proofs']);
});

it('does a step again that did not succeed, from the beginning', async () => {
  write('broken', '');
  const failed = await setup();
  expect(failed.code).toBe(1);
  expect(failed.errors).toContain('npm could not install the packages');
  expect(existsSync(join(repository, 'dist'))).toBe(false);
  write('node_modules/rest', '');
  rmSync(join(repository, 'broken'));
  expect(await setup()).toMatchObject({ code: 0 });
  expect(calls()).toEqual(['npm', 'npm', 'build', 'proofs']);
  expect(existsSync(join(repository, 'node_modules/rest'))).toBe(false);
});

it('tells an ordinary user which packages are missing and the command that installs them', async () => {
  write(
    'scripts/debian-packages.txt',
    'there sh setup\nabsent no-such-program demo,test\nother no-such-program bench\n',
  );
  const asUser = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (asUser.uid !== undefined) chownSync(repository, NOBODY, NOBODY);
  const result = await setup(['demo'], asUser);
  expect(result.code).toBe(1);
  expect(result.errors).toContain('setup: missing on this machine: absent\n');
  expect(result.errors).toContain('run: sudo apt-get install -y --no-install-recommends absent ');
  expect(calls()).toEqual([]);
});
