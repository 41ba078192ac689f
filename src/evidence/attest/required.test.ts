import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { presentDigests } from './present.ts';
import { requiredOf, reviewedIn, staleIn } from './required.ts';
import type { AnyStatement } from './statement.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** An installation of its own, which may be changed. */
function copied() {
  const root = mkdtempSync(join(tmpdir(), 'ringfence-required-'));
  for (const folder of ['rules', 'claims', 'scenarios', 'src/evidence/attest'])
    cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
  const launcher = join(root, 'rules', 'techniques.txt');
  return { root, code: 'src', launcher, contract: 'a'.repeat(64), plan: 'b'.repeat(64) } as const;
}

/** Only what is looked at here. */
const about = (kind: AnyStatement['kind'], subjects: AnyStatement['subjects'], predicate = {}) =>
  ({ kind, subjects, predicate }) as unknown as AnyStatement;

const SCENARIO = { scenario: 'exfiltration.posted-file' };

test.each(['proof', 'read-back', 'reproduction', 'review'] as const)(
  'a %s is fresh with all that it must be about, and stale without any of it',
  (kind) => {
    const present = presentDigests(copied());
    const predicate = kind === 'reproduction' ? SCENARIO : {};
    const names = requiredOf(about(kind, [], predicate), present);
    expect(names.length).toBeGreaterThan(3);
    const subjects = present.subjects(names);
    expect(staleIn(about(kind, subjects, predicate), present)).toEqual([]);
    for (const left of names.slice(0, 8)) {
      const fewer = subjects.filter(({ name }) => name !== left);
      expect(staleIn(about(kind, fewer, predicate), present)).toMatchObject([
        { name: left, before: undefined },
      ]);
    }
  },
);

it('a review does not speak for a claim that came later, nor attempts for a rule that did', () => {
  const here = copied();
  const before = presentDigests(here);
  const review = about('review', before.subjects(reviewedIn(before)));
  const attempt = about(
    'reproduction',
    before.subjects(requiredOf(about('reproduction', [], SCENARIO), before)),
    SCENARIO,
  );
  writeFileSync(join(here.root, 'claims/later.yaml'), 'id: later\n');
  writeFileSync(join(here.root, 'rules/detections/later.yml'), 'title: later\n');
  const after = presentDigests(here);
  expect(staleIn(review, after).map(({ name }) => name)).toEqual(['claims/later']);
  expect(staleIn(attempt, after).map(({ name }) => name)).toEqual(['rules/detections/later.yml']);
});
