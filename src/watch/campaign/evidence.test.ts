/**
 * What evidence weighs, and what the page for people says that it weighs.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type EvidenceKind, HALF_LIFE, KINDS, points } from './evidence.ts';

it('weighs what the page says', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/how-to/campaigns.md'), 'utf8');
  const said = [...page.matchAll(/^\| `([\w-]+)` \| (\d+) \|/gm)].map(([, kind, weight]) => [
    kind,
    Number(weight),
  ]);
  const stated = Object.entries(KINDS).map(([kind, { weight }]) => [kind, weight]);
  expect(said.sort()).toEqual(stated.sort());
});

it('counts less of what is more of the same, and of what is long ago', () => {
  const of = (kind: EvidenceKind, time: number) => ({ kind, time, share: 1 });
  expect(points([of('learned', 0)], 0)).toBe(4);
  expect(points([of('learned', 0), of('learned', 0), of('learned', 0)], 0)).toBe(7);
  expect(points([of('learned', 0)], HALF_LIFE)).toBe(2);
  // however many there are, one kind never counts more than twice
  expect(
    points(
      Array.from({ length: 200 }, () => of('same-name', 0)),
      0,
    ),
  ).toBeLessThanOrEqual(2);
});
