import { expect, test } from 'vitest';
import { escapePath } from '../../cell/changes/index.ts';
import type { ChangeSet, Reviewed } from '../../review/set/index.ts';
import { select } from './select.ts';

const set = (...paths: string[]): ChangeSet => ({
  workspace: '/w',
  digest: '',
  items: paths.map((text): Reviewed => {
    const path = Buffer.from(text, 'latin1');
    const after = { type: 'file' as const, mode: 0o644, uid: 0, gid: 0, size: 0 };
    return {
      path,
      shown: escapePath(path),
      kind: 'added',
      after,
      section: 'rest',
      notes: [],
      decidesSuccess: false,
    };
  }),
});

const chosen = (paths: string[], words: string[], except: string[] = []) =>
  select(set(...paths), words, except).map(({ shown }) => shown);

test('a name that looks like a pattern is that name, where there is one', () => {
  const paths = ['app/[id].ts', 'app/i.ts', 'app/d.ts'];
  expect(chosen(paths, ['app/[id].ts'])).toEqual(['app/[id].ts']);
  expect(chosen(['app/i.ts', 'app/x.ts'], ['app/[id].ts'])).toEqual(['app/i.ts']);
});

test('what the review shows is what a word means, folders with all below them', () => {
  const paths = ['a\nb/c', 'a\\nb/c', 'src/a', 'srcx'];
  expect(chosen(paths, ['a\\nb'])).toEqual(['a\\nb/c']);
  expect(chosen(paths, ['a\\\\nb'])).toEqual(['a\\\\nb/c']);
  for (const word of ['src', 'src/', './src', '/w/src']) expect(chosen(paths, [word])).toEqual(['src/a']);
  expect(chosen(paths, ['/w'], ['src'])).toHaveLength(3);
});

test.each(['../w/src', '/etc', 'src/../srcx', 'sr'])('%s means nothing, and is said', (word) => {
  expect(() => chosen(['src/a', 'srcx'], [word])).toThrow('nothing in the change set matches');
});
