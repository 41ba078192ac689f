import { describe, expect, it } from 'vitest';
import { baseOf, CLAIM, NEWS, over, PAPER } from './claims.fixture.ts';
import { loadEvidence } from './load.ts';

const messages = (claim: Record<string, unknown>): string[] =>
  baseOf([claim]).problems.map(({ line, path, message, hint }) => `${line} ${path}: ${message}. ${hint}`);

describe('a claim', () => {
  it('is read with its defaults', () => {
    const { claims, problems } = baseOf([CLAIM]);
    expect(problems).toEqual([]);
    expect(claims[0]).toMatchObject({ id: 'tunnel', draft: false, figures: [], related: [] });
    expect(claims[0]?.counterarguments[0]?.against).toBe('claim');
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['an unknown key', { hazard: 'escape' }, /^\d+ hazard: unknown key "hazard"\. Did you mean "hazards"\?/],
    [
      'an unknown word',
      { axes: { setting: 'lab' } },
      /axes\.setting: the text "lab" is not one of the possible values/,
    ],
    ['a hazard that there is not', { hazards: ['escapes'] }, /hazards\[0\]: .*Did you mean "escape"\?/],
    ['a key that is missing', { statement: undefined }, /"statement" is missing/],
    [
      'a day that there is not',
      { history: [{ on: '2026-02-30', what: 'x' }] },
      /history\[0\]\.on: .*not a day that there is/,
    ],
    [
      'a quote of which nothing is said',
      { evidence: [{ shows: 'x', cite: { source: 'paper', quote: 'words' } }] },
      /not a whole quote\. Write quote and checked together/,
    ],
    [
      'two things cited at once',
      {
        evidence: [{ shows: 'x', cite: { source: 'a', event: { run: 'r', seq: 1, hash: 'a'.repeat(64) } } }],
      },
      /not a citation/,
    ],
    [
      'a figure without an amount',
      { figures: [{ what: 'x', setup: 'y', cite: { source: 'paper' } }] },
      /not a figure/,
    ],
    [
      'more than all',
      { figures: [{ what: 'x', numerator: 3, denominator: 2, setup: 'y', cite: { source: 'paper' } }] },
      /not a share/,
    ],
    [
      'an answer that is not there',
      { counterarguments: [{ id: 'a', text: 'x', strength: 'weak', state: 'answered' }] },
      /answered, but there is no response/,
    ],
    [
      'a reproduction by nothing',
      { axes: { reproduction: { level: 'mechanism' } } },
      /mechanism, but nothing is named that runs it/,
    ],
    [
      'an id twice',
      {
        escalation: [
          { id: 'a', text: 'x', state: 'argued' },
          { id: 'a', text: 'y', state: 'argued' },
        ],
      },
      /escalation\[1\]\.id: the id a is written twice/,
    ],
    ['an id that is not the name of the file', { id: 'Tunnel' }, /not an id/],
    ['another format', { claim: 2 }, /claim: the number 2 is not one of the possible values/],
  ])('is refused with %s', (_name, change, expected) => {
    expect(messages(over(CLAIM, change)).join('\n')).toMatch(expected);
  });

  it('names the file, the line and the column', () => {
    const text = 'claim: 1\nid: x\ntitle: T\nkind: capabilty\n';
    const { problems } = loadEvidence({ claims: [['claims/x.yaml', text]], sources: [] });
    expect(problems.find(({ path }) => path === 'kind')).toMatchObject({
      file: 'claims/x.yaml',
      line: 4,
      column: 7,
    });
  });

  it('has the name of its file as its id', () => {
    const { problems } = loadEvidence({ claims: [], sources: [['claims/sources/other.yaml', 'source: 1']] });
    expect(problems.length).toBeGreaterThan(0);
    const renamed = baseOf([], [{ ...PAPER, id: 'paper' }]).sources[0];
    expect(renamed?.id).toBe('paper');
  });

  it('takes no text that lies about itself', () => {
    expect(messages(over(CLAIM, { title: 'a\u202eb' })).join()).toMatch(/invisible or control character/);
  });
});

describe('a source', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'no archive and no reason',
      { archive: { none: undefined } },
      /not clear\. Write url: ADDRESS or none: REASON/,
    ],
    [
      'an arXiv id that YAML took for a number',
      { identifiers: { arxiv: 2512.24873 } },
      /arxiv: must be text/,
    ],
    ['an address without its scheme', { url: 'papers.example.com' }, /not an address/],
    ['a month that there is not', { published: '2025-13' }, /not a date that there is/],
    ['a script for an address', { url: 'javascript:alert(1)' }, /not an address/],
  ])('is refused with %s', (_name, change, expected) => {
    const { problems } = baseOf([CLAIM], [over(PAPER, change), NEWS]);
    expect(problems.map(({ message, hint, path }) => `${path}: ${message}. ${hint}`).join('\n')).toMatch(
      expected,
    );
  });

  it('may be of a year, which YAML takes for a number', () => {
    const { sources, problems } = baseOf([CLAIM], [over(PAPER, { published: 2025 }), NEWS]);
    expect(problems).toEqual([]);
    expect(sources.find(({ id }) => id === 'paper')?.published).toBe('2025');
  });
});

it('names the second of two files with one id', () => {
  const text = (id: string) => JSON.stringify({ ...PAPER, id });
  const { problems, sources } = loadEvidence({
    claims: [],
    sources: [
      ['claims/sources/paper.yaml', text('paper')],
      ['claims/sources/paper.yml', text('paper')],
    ],
  });
  expect(sources).toHaveLength(1);
  expect(problems).toMatchObject([
    { file: 'claims/sources/paper.yml', path: 'id', message: 'the id paper is written twice' },
  ]);
});
