import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { freshKey, reproduction } from './attest.fixture.ts';
import { certificateFileOf, keepCertificate, keepStatement, readStatements } from './store.ts';

const key = freshKey();
const folder = () => join(mkdtempSync(join(tmpdir(), 'ringfence-statements-')), 'attestations');
const madeAt = (second: number) =>
  reproduction({ made: `2026-03-17T12:00:${String(second).padStart(2, '0')}.000Z` });

it('has nothing where nothing was kept', () => {
  expect(readStatements(folder(), [key.verifier])).toEqual({ attested: [], rejected: [] });
});

it('gives back what was kept, newest first, in files that are the owner’s alone', () => {
  const place = folder();
  for (const second of [2, 1, 3]) keepStatement(place, madeAt(second), key.signer);
  const { attested, rejected } = readStatements(place, [key.verifier]);
  expect(rejected).toEqual([]);
  expect(attested.map(({ statement }) => statement.predicate.made)).toEqual(
    [3, 2, 1].map((second) => madeAt(second).predicate.made),
  );
  expect(statSync(place).mode & 0o777).toBe(0o700);
  expect(statSync(attested[0]?.file ?? '').mode & 0o777).toBe(0o600);
});

it('tells each file that does not hold', () => {
  const place = folder();
  const good = keepStatement(place, madeAt(1), key.signer);
  const text = readFileSync(good, 'utf8');
  writeFileSync(join(place, 'changed.json'), text.replace('"sig":"', '"sig":"AA'));
  symlinkSync(good, join(place, 'linked.json'));
  mkdirSync(join(place, 'folder.json'));
  keepStatement(place, madeAt(2), freshKey().signer);
  const { attested, rejected } = readStatements(place, [key.verifier]);
  expect(attested.map(({ file }) => file)).toEqual([good]);
  expect(rejected.map(({ file, why }) => [basename(file).split('.')[0], why])).toEqual([
    ['changed', 'malformed'],
    ['folder', 'unreadable'],
    ['linked', 'unreadable'],
    ['reproduction', 'unsigned'],
  ]);
});

it('keeps the newest of a topic, and leaves others alone', () => {
  const place = folder();
  const other = keepStatement(
    place,
    reproduction({ scenario: 'exfiltration.posted-file.other' }),
    key.signer,
  );
  for (let second = 0; second < 40; second += 1) keepStatement(place, madeAt(second), key.signer);
  const { attested } = readStatements(place, [key.verifier]);
  expect(attested).toHaveLength(33);
  expect(readdirSync(place)).toContain(basename(other));
  expect(attested[0]?.statement.predicate.made).toBe(madeAt(39).predicate.made);
});

it('keeps certificates by their digest, beside the statements', () => {
  const place = folder();
  const digest = keepCertificate(place, '{}');
  expect(readFileSync(certificateFileOf(place, digest), 'utf8')).toBe('{}');
  expect(readStatements(place, [key.verifier]).rejected).toEqual([]);
});
