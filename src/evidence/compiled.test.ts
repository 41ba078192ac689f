import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { CLAIM, NEWS, over, PAPER, WORLD } from './claims.fixture.ts';
import { compileEvidence, openCompiled } from './compiled.ts';
import { lintEvidence } from './lint/index.ts';
import { loadEvidence, type Texts } from './load.ts';

const textsOf = (claim: Record<string, unknown>): Texts => ({
  claims: [['claims/tunnel.yaml', stringify(claim, { aliasDuplicateObjects: false })]],
  sources: [PAPER, NEWS].map((source) => [`claims/sources/${source.id}.yaml`, stringify(source)]),
});
const texts = textsOf(CLAIM);
const compiled = compileEvidence(texts) ?? '';

it('is the base that was compiled, with the places of its texts', () => {
  const opened = openCompiled(compiled, texts);
  const loaded = loadEvidence(texts);
  expect(JSON.stringify(opened)).toBe(JSON.stringify(loaded));
  const world = { ...WORLD, rules: [] };
  expect(opened && lintEvidence(opened, world, true)).toEqual(lintEvidence(loaded, world, true));
});

it('is not taken for other texts, or where it is not whole', () => {
  expect(openCompiled(compiled, textsOf(over(CLAIM, { title: 'Other' })))).toBeUndefined();
  expect(openCompiled(compiled, { ...texts, sources: texts.sources.slice(1) })).toBeUndefined();
  expect(openCompiled(compiled.slice(0, -10), texts)).toBeUndefined();
});

it('is not made of a base with mistakes', () => {
  expect(compileEvidence(textsOf(over(CLAIM, { tittle: 'x' })))).toBeUndefined();
});
