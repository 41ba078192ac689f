/** What a folder of claims may hold that is no plain file of some pages. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openBase } from './base.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-claims-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each<[string, (path: string) => void, RegExp]>([
  ['a symbolic link', (path) => symlinkSync('/etc/hostname', path), /a symbolic link, which is not followed/],
  ['a link to a device', (path) => symlinkSync('/dev/zero', path), /a symbolic link/],
  ['a folder', (path) => mkdirSync(path), /not a plain file/],
  ['a pipe', (path) => execFileSync('mkfifo', [path]), /not a plain file/],
  ['a file of more than a mebibyte', (path) => writeFileSync(path, '#'.repeat((1 << 20) + 1)), /1 MiB/],
  ['an empty file', (path) => writeFileSync(path, ''), /the file is empty/],
])('names %s instead of leaving it out unseen', (_name, make, expected) => {
  const file = join(folder, 'one.yaml');
  make(file);
  const { problems } = openBase({ claims: folder, on: '2026-11-22' }).evidence;
  expect(problems).toMatchObject([{ file, line: 1, message: expect.stringMatching(expected) }]);
});

it('takes what cannot be read as named, not as missing', () => {
  mkdirSync(join(folder, 'sources'));
  symlinkSync('/etc/hostname', join(folder, 'sources', 'paper.yaml'));
  const { problems } = openBase({ claims: folder, on: '2026-11-22' }).evidence;
  expect(problems).toHaveLength(1);
});
