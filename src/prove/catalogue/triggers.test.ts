/**
 * What a review calls "runs later" is in the catalogue, too: a path that is shown first there is an open path here.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { matchPath } from '../../contract/glob.ts';
import { TRIGGERS } from '../../contract/triggers.ts';
import { expandBraces } from '../patterns/braces.ts';
import { loadCatalogue } from './compiled.ts';

/** Short paths that a pattern matches: at the top and deep down. */
function samples(pattern: string): string[] {
  return (expandBraces(pattern) ?? []).flatMap((one) => {
    const ending = one.replace(/\/\*\*$/, '/inner/file').replace(/\[(.)[^\]]*\]/g, '$1');
    return ['', 'a/b/'].map((folder) =>
      ending
        .replace(/^\*\*\//, folder)
        .replaceAll('**/', 'mid/')
        .replace(/\*+/g, 'zz'),
    );
  });
}

/** Names that the review's patterns give by the way, and that no program reads. */
const NOBODY_READS = /\.Rrc$/;

const loaded = loadCatalogue(join(import.meta.dirname, '../../../rules/affordances'));
if (!loaded.ok) throw new Error('the catalogue is not valid');
// an entry for every file says nothing about one
const paths = loaded.catalogue.affordances
  .filter(({ kind }) => kind === 'trigger')
  .flatMap(({ match }) => match.path ?? [])
  .filter((path) => !['**/*', '**/*.md', '**/docs/**'].includes(path));
const inCatalogue = matchPath(paths, { caseless: true });

test.each(TRIGGERS.map((trigger) => [trigger.id, trigger] as const))(
  '%s is in the catalogue',
  (_id, trigger) => {
    const missing = trigger.patterns
      .flatMap(samples)
      .filter((path) => !inCatalogue(path) && !NOBODY_READS.test(path));
    expect(missing).toEqual([]);
  },
);

test('the samples are of the patterns', () => {
  const wrong = TRIGGERS.flatMap(({ patterns }) =>
    patterns.flatMap((pattern) => samples(pattern).filter((path) => !matchPath([pattern])(path))),
  );
  expect(wrong).toEqual([]);
});
