import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CONTRACT_FILE, findContract } from './discover.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'ringfence-discover-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const folder = (path: string): string => {
  mkdirSync(join(root, path), { recursive: true });
  return join(root, path);
};
const contract = (path: string): string => {
  const file = join(folder(path), CONTRACT_FILE);
  writeFileSync(file, 'ringfence: 1\nname: t\n');
  return file;
};

test('the nearest contract upwards is used', () => {
  const outer = contract('repo');
  folder('repo/.git');
  expect(findContract(folder('repo/a/b'), '/nowhere')).toEqual({ ok: true, path: outer });
  const inner = contract('repo/a');
  expect(findContract(folder('repo/a/b'), '/nowhere')).toEqual({ ok: true, path: inner });
});

test('never above the repository, whether .git is a folder or a file', () => {
  contract('');
  folder('repo/.git');
  const inside = folder('repo/a');
  const found = findContract(inside, '/nowhere');
  expect(found).toMatchObject({
    ok: false,
    searched: [join(inside, CONTRACT_FILE), join(root, 'repo', CONTRACT_FILE)],
    stopped: `the repository's root ${join(root, 'repo')}`,
  });
  writeFileSync(join(folder('worktree'), '.git'), 'gitdir: elsewhere\n');
  expect(findContract(join(root, 'worktree'), '/nowhere').ok).toBe(false);
});

test('never above the home directory', () => {
  contract('');
  const home = folder('home');
  expect(findContract(folder('home/project'), home)).toMatchObject({
    ok: false,
    stopped: `your home ${home}`,
  });
});

test('never into a folder that anyone may write', () => {
  contract('shared');
  chmodSync(join(root, 'shared'), 0o1777);
  expect(findContract(folder('shared/mine'), '/nowhere')).toMatchObject({
    ok: false,
    stopped: expect.stringContaining('anyone may write'),
  });
});

test('a link to a folder is followed before the search', () => {
  const file = contract('real');
  folder('real/.git');
  folder('real/sub');
  symlinkSync(join(root, 'real/sub'), join(root, 'link'));
  expect(findContract(join(root, 'link'), '/nowhere')).toEqual({ ok: true, path: file });
});

test('a broken link in the contract’s place is found, not skipped', () => {
  contract('repo');
  folder('repo/.git');
  const file = join(folder('repo/a'), CONTRACT_FILE);
  symlinkSync('absent', file);
  expect(findContract(join(root, 'repo/a'), '/nowhere')).toEqual({ ok: true, path: file });
});

test('a folder that is not there is no crash', () => {
  expect(findContract(join(root, 'absent'), '/nowhere')).toMatchObject({ ok: false, searched: [] });
});
