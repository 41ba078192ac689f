import { expect, it } from 'vitest';
import { EVIDENCE_COMMANDS } from '../table-evidence.ts';
import { FACET_WORDS, type Facet, facetsOf } from './filter.ts';

it('the command table offers the words that there are, and every facet', () => {
  const list = EVIDENCE_COMMANDS.find(({ name }) => name === 'evidence list');
  const offered = new Map<string, unknown>(
    list?.options.map((option) => [option.name, 'kind' in option ? option.kind : undefined]),
  );
  for (const [facet, words] of Object.entries(FACET_WORDS)) expect(offered.get(facet), facet).toEqual(words);
  const facets = Object.keys(facetsOf({} as Record<Facet, readonly string[]>));
  expect(facets.filter((facet) => !offered.has(facet))).toEqual([]);
});
