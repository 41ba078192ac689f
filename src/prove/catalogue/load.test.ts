import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatProblem } from '../../contract/index.ts';
import { compileCatalogue, loadCatalogue } from './compiled.ts';
import { joinFamilies, parseFamily } from './load.ts';
import { openCatalogue } from './open.ts';

const FOLDER = join(import.meta.dirname, '../../../rules/affordances');

const entry = (changes: Record<string, unknown> = {}) => ({
  id: 'w.one',
  kind: 'trigger',
  title: 'One',
  prose: 'Something runs it.',
  match: { path: ['**/one'] },
  runs: { as: 'operator', when: 'always' },
  gives: ['code-execution'],
  hazards: ['persistence'],
  source: 'one(1)',
  unwitnessed: 'There is none.',
  safe: 'Review closes it.',
  ...changes,
});
const family = (...entries: unknown[]) =>
  JSON.stringify({ affordances: 1, family: 'w', about: 'Only for this test.', entries });

function problemsOf(...entries: unknown[]): string[] {
  const parsed = parseFamily(family(...entries), 'w.yaml');
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
}

test('the catalogue is valid', () => {
  const loaded = loadCatalogue(FOLDER);
  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([]);
});

test('every family says much, and every kind is there', () => {
  const loaded = loadCatalogue(FOLDER);
  if (!loaded.ok) throw new Error('not valid');
  const { affordances, families } = loaded.catalogue;
  expect(affordances.length).toBeGreaterThanOrEqual(200);
  expect(new Set(affordances.map(({ kind }) => kind))).toEqual(
    new Set(['trigger', 'relay', 'authority', 'boundary']),
  );
  for (const { name } of families) expect(affordances.some((one) => one.family === name)).toBe(true);
  const titles = affordances.map(({ title }) => title);
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
});

test('a valid entry is read, with its place', () => {
  const parsed = parseFamily(family(entry()), 'w.yaml');
  if (!parsed.ok) throw new Error('not valid');
  expect(parsed.affordances[0]?.at).toEqual({ file: 'w.yaml', line: 1 });
});

test.each([
  [{ id: 'x.one' }, /w\.yaml:1:\d+: entries\[0\]\.id: x\.one is not of the family w\n {2}Write w\.one/],
  [{ runs: undefined }, /a trigger does not say who runs it/],
  [{ kind: 'relay', match: { service: ['dns'] } }, /only triggers are run by somebody/],
  [{ match: { container: ['privileged'] } }, /nothing to recognise it by/],
  [{ match: { path: ['one'] } }, /not a path pattern\n {2}Begin it with/],
  [{ gives: ['code-exection'] }, /not one of the possible values\n {2}Did you mean "code-execution"/],
  [{ gives: ['secrets:gti'] }, /Did you mean "secrets:git"/],
  [{ hazards: ['persistance'] }, /Did you mean "persistence"/],
  [{ hazards: [] }, /at least 1/],
  [
    { kind: 'authority', runs: undefined, match: { container: ['priviledged'] } },
    /not a word of the catalogue/,
  ],
  [{ kind: 'relay', runs: undefined, match: { host: ['https://example.com'] } }, /not a host pattern/],
  [{ match: { path: ['**/../one'] } }, /entries\[0\]\.match\.path\[0\]: .*has “\.\.” in it/],
  [{ unwitnessed: undefined }, /neither a witness nor a reason/],
  [{ witness: { attempt: ['true'], effect: 'true' } }, /both a witness and a reason/],
  [{ prose: 'No full stop' }, /not a sentence/],
  [{ proze: 'x' }, /unknown key "proze"\n {2}Did you mean "prose"/],
])('a mistake is placed and explained: %j', (changes, expected) => {
  expect(problemsOf(entry(changes)).join('\n')).toMatch(expected);
});

test('an id twice names the first', () => {
  const loaded = joinFamilies([['w.yaml', family(entry(), entry({ title: 'Two' }))]]);
  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([
    expect.stringMatching(/the id w\.one is written twice\n {2}It stands first in w\.yaml, line 1/),
  ]);
});

test('a file is named after its family', () => {
  const parsed = parseFamily(family(entry()), 'other.yaml');
  expect(parsed.ok ? [] : parsed.problems.map(({ message }) => message)).toEqual([
    'not the name of the file',
  ]);
});

test('the compiled catalogue is used where it is of these very texts, and not otherwise', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-catalogue-'));
  try {
    const compiled = join(folder, 'compiled.json');
    const write = (title: string) => writeFileSync(join(folder, 'w.yaml'), family(entry({ title })));
    const title = async () => {
      const opened = await openCatalogue(folder, compiled);
      return opened.ok ? opened.catalogue.affordances[0]?.title : undefined;
    };
    write('One');
    writeFileSync(compiled, compileCatalogue(folder).replace('"One"', '"From the compiled file"'));
    expect(await title()).toBe('From the compiled file');
    write('Two');
    expect(await title()).toBe('Two');
    writeFileSync(compiled, '{');
    expect(await title()).toBe('Two');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('compiled, the catalogue is the same', () => {
  const loaded = loadCatalogue(FOLDER);
  if (!loaded.ok) throw new Error('not valid');
  // words are derived from it: src/prove/model/words.test.ts
  const { words: _words, ...compiled } = JSON.parse(compileCatalogue(FOLDER)).catalogue;
  expect(compiled).toEqual(JSON.parse(JSON.stringify(loaded.catalogue)));
});
