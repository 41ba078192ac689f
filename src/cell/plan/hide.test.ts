import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hiddenPaths } from './hide.ts';

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'ringfence-hide-'));
  for (const path of [
    'b.pem',
    '.x.pem',
    '.config/key.pem',
    'a/.ssh/id.pem',
    '.env',
    'a/.env.local',
    'private/.keep',
    'a/b.txt',
  ]) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), '');
  }
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

test.each([
  [
    'a name at any depth, in folders that begin with a dot as well',
    ['**/*.pem'],
    ['.config/key.pem', '.x.pem', 'a/.ssh/id.pem', 'b.pem'],
  ],
  ['a wildcard at the top', ['*.pem'], ['.x.pem', 'b.pem']],
  ['a name that begins with a dot', ['**/.env*'], ['.env', 'a/.env.local']],
  ['all in a folder of any name, and so the folder', ['**/.ssh/**'], ['a/.ssh']],
  ['either of two', ['{private,a}/**'], ['a', 'private']],
  ['a path as it is', ['private/**', '.env'], ['.env', 'private']],
  ['one of some characters', ['[ab].pem', 'a/?.txt'], ['a/b.txt', 'b.pem']],
])('%s', (_, patterns, expected) => {
  const hidden = hiddenPaths(workspace, patterns);
  expect(hidden).toEqual({ ok: true, paths: expected.map((path) => join(workspace, path)) });
});
