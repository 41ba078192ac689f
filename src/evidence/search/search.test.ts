import { describe, expect, it } from 'vitest';
import { baseOf, CLAIM, NEWS, over, PAPER } from '../claims.fixture.ts';
import { searchClaims } from './index.ts';

const { claims, sources } = baseOf([
  CLAIM,
  over(CLAIM, {
    id: 'mining',
    title: 'Agents mine',
    statement: 'An agent mined on GPUs.',
    narrative: [
      {
        text: `${'Long before that nothing happened. '.repeat(10)}The firewall saw Stratum traffic.${' Nothing followed.'.repeat(20)}`,
      },
    ],
    escalation: [{ id: 'a', text: 'x', state: 'argued', techniques: ['T1496.001'] }],
    evidence: [{ shows: 'x', cite: { source: 'news' } }],
    counterarguments: [],
    tags: ['gpu'],
  }),
]);
const byId = new Map(sources.map((source) => [source.id, source]));
const find = (query: string) => searchClaims(claims, byId, query);
const ids = (query: string): string[] => find(query).map(({ claim }) => claim.id);

describe('search finds', () => {
  it.each([
    ['a word of the title', 'mine', 'mining'],
    ['the beginning of a word', 'strat', 'mining'],
    ['a word with a mistake', 'stratun', 'mining'],
    ['a technique', 'T1496.001', 'mining'],
    ['an author', 'author', 'tunnel'],
    ['a tag', 'ssh', 'tunnel'],
    ['words of an objection and its answer', 'nobody firewall', 'tunnel'],
  ])('%s', (_name, query, id) => {
    expect(ids(query)[0]).toBe(id);
  });

  it('what has all words before what has any', () => {
    expect(ids('mined GPUs')).toEqual(['mining']);
    expect(new Set(ids('paper GPUs')).size).toBe(2);
    expect(ids('zebra')).toEqual([]);
  });

  it('and shows the text around', () => {
    const [found] = find('stratum');
    expect(found).toMatchObject({ field: 'narrative', terms: ['stratum'] });
    expect(found?.excerpt).toMatch(/^… .*saw Stratum traffic.* …$/);
    expect(found?.excerpt.length).toBeLessThan(260);
  });

  it('nothing for nothing', () => {
    expect(find('')).toEqual([]);
    expect(find('  — ')).toEqual([]);
  });
});

it('knows sources by what the base says of them', () => {
  expect(PAPER.authors).toEqual(NEWS.authors);
  expect(ids('publisher').length).toBe(2);
});
