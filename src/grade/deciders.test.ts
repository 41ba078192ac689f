import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unprotectedDeciders } from './deciders.ts';
import { protectedBy } from './layers/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-deciders-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (run: string, protect: string[]) =>
  unprotectedDeciders(folder, run, protectedBy(protect)).flatMap(({ names }) => names);

test('what the command takes, and the runner that a script calls', () => {
  writeFileSync(join(folder, 'package.json'), '{ "scripts": { "test": "vitest run" } }');
  expect(open('npm test', ['test/**', 'package.json'])).toEqual(
    expect.arrayContaining(['.npmrc', 'node_modules/**', 'vitest.config.ts']),
  );
  expect(open('npm test', ['test/**', 'package.json'])).not.toContain('package.json');
  expect(open('make test', ['Makefile'])).toEqual(['GNUmakefile', 'makefile']);
  expect(open('python3 -m unittest', ['tests/**'])).toEqual(['unittest.py', 'unittest/**']);
  expect(open('go test ./...', ['go.mod', 'go.work', 'vendor/**'])).toEqual(['**/*_test.go']);
  expect(open('go test ./...', ['go.mod', 'go.work', 'vendor', '**/*_test.go'])).toEqual([]);
});

test('a script that the command names, where it is there', () => {
  writeFileSync(join(folder, 'check.sh'), '');
  expect(open('sh check.sh other.sh', [])).toEqual(['check.sh']);
  expect(open('sh check.sh', ['check.sh'])).toEqual([]);
});

test('patterns take names that begin with a dot, and all that is below a folder', () => {
  const is = protectedBy(['test/**', '**/*.spec.js', 'a/{b,c}.txt', '.x/*']);
  for (const path of [
    'test',
    'test/.mocharc',
    'test/a/b',
    'x.spec.js',
    'a/b/.c.spec.js',
    'a/b.txt',
    'a/c.txt/d',
    '.x/.y',
  ]) {
    expect([path, is(path)]).toEqual([path, true]);
  }
  for (const path of ['Test/a', 'tests/a', 'a/d.txt', 'spec.js', '.x'])
    expect([path, is(path)]).toEqual([path, false]);
});
