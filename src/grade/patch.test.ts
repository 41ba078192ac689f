import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileDiff } from './diff.ts';
import { readPatch } from './patch.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-patch-'));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/a.txt'), 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const contents = (patch: string) => {
  const read = readPatch(patch, folder);
  if (!read.ok) throw new Error(read.problem);
  return Object.fromEntries([...read.edits].map(([path, { content }]) => [path, content]));
};
const problem = (patch: string) => {
  const read = readPatch(patch, folder);
  return read.ok ? 'none' : read.problem;
};
const CHANGE = '--- a/src/a.txt\n+++ b/src/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n';

test('changes, additions, deletions, renames', () => {
  expect(contents(CHANGE)['src/a.txt']).toBe('one\nzwei\nthree\nfour\nfive\nsix\nseven\n');
  expect(
    contents('--- /dev/null\n+++ b/new/b.txt\n@@ -0,0 +1,2 @@\n+x\n+y\n\\ No newline at end of file\n'),
  ).toEqual({
    'new/b.txt': 'x\ny',
  });
  expect(
    contents(
      'diff --git a/src/a.txt b/src/b.txt\nsimilarity index 90%\nrename from src/a.txt\nrename to src/b.txt\n',
    ),
  ).toMatchObject({ 'src/a.txt': undefined, 'src/b.txt': 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n' });
  expect(
    contents(
      'diff --git a/src/a.txt b/src/a.txt\ndeleted file mode 100644\n--- a/src/a.txt\n+++ /dev/null\n@@ -1,7 +0,0 @@\n-one\n-two\n-three\n-four\n-five\n-six\n-seven\n',
    ),
  ).toEqual({ 'src/a.txt': undefined });
});

test('a hunk is found where it has moved to, and refused where it does not fit', () => {
  writeFileSync(join(folder, 'src/a.txt'), 'zero\nzero\none\ntwo\nthree\n');
  expect(contents(CHANGE)['src/a.txt']).toBe('zero\nzero\none\nzwei\nthree\n');
  writeFileSync(join(folder, 'src/a.txt'), 'one\n2\nthree\n');
  expect(problem(CHANGE)).toMatch(/line 3: src\/a\.txt does not have the lines/);
});

test('nothing outside of the workspace, nothing through links, nothing that is no patch', () => {
  symlinkSync('/tmp', join(folder, 'link'));
  const add = (name: string) => `--- /dev/null\n+++ ${name}\n@@ -0,0 +1 @@\n+x\n`;
  expect(problem(add('b/../x'))).toMatch(/not a path inside/);
  expect(problem(add('b//etc/x'))).toMatch(/not a path inside/);
  expect(problem(add('b/src/../../x'))).toMatch(/not a path inside/);
  expect(problem(add('/etc/x'))).toMatch(/not a path inside/);
  expect(problem(add('b/link/x'))).toMatch(/is a link/);
  expect(problem(add('b/src/a.txt'))).toMatch(/there already/);
  expect(problem('hello\n')).toMatch(/not a unified diff/);
  expect(
    problem('diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n'),
  ).toMatch(/would be a link/);
});

test('what fileDiff writes, readPatch reads', () => {
  const texts = [
    '',
    'a\n',
    'a\nb\nc\n',
    'x\nb\nc\nd\n',
    `${'l\n'.repeat(50)}end\n`,
    `${'l\n'.repeat(20)}m\n${'l\n'.repeat(30)}`,
    'c\nb\na\n',
  ];
  for (const before of texts)
    for (const after of texts) {
      if (before === after || before === '' || after === '') continue;
      writeFileSync(join(folder, 'src/a.txt'), before);
      expect(contents(fileDiff('src/a.txt', Buffer.from(before), Buffer.from(after)))['src/a.txt']).toBe(
        after,
      );
    }
});
