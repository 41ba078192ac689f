import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { evidenceReference } from './reference.ts';
import { claimSchema } from './schema/claim.ts';
import { sourceSchema } from './schema/source.ts';
import * as words from './words.ts';

const page = readFileSync(
  join(resolve(import.meta.dirname, '../..'), 'docs/how-to/write-a-claim.md'),
  'utf8',
);
const [source = '', claim = ''] = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');

describe('the page on writing a claim', () => {
  it('shows every key of a claim', () => {
    expect(Object.keys(claimSchema.shape).filter((key) => key !== 'draft' && !(key in parse(claim)))).toEqual(
      [],
    );
    expect(Object.keys(parse(claim)).filter((key) => !(key in claimSchema.shape))).toEqual([]);
  });

  it('shows or names every key of a source', () => {
    const shown = Object.keys(parse(source));
    expect(shown.filter((key) => !(key in sourceSchema.shape))).toEqual([]);
    expect(
      Object.keys(sourceSchema.shape).filter((key) => !shown.includes(key) && !page.includes(`\`${key}\``)),
    ).toEqual([]);
  });

  it('names the words of each axis', () => {
    for (const table of [
      words.MATURITIES,
      words.SETTINGS,
      words.SOURCINGS,
      words.ATTRIBUTIONS,
      words.DESIGNS,
      words.RELATIONS,
      words.LOWERED_BY,
      words.RAISED_BY,
      words.KINDS,
    ])
      for (const word of words.keysOf(table as Record<string, string>)) expect(claim).toContain(word);
  });
});

it('every key has a description', () => {
  const rows = evidenceReference()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
});
