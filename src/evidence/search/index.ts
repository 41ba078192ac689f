/**
 * Full-text search over claims and what they cite.
 *
 * @module
 */
import MiniSearch from 'minisearch';
import { sourcesOf } from '../cites.ts';
import type { Claim, Source } from '../load.ts';

export interface Found {
  claim: Claim;
  score: number;
  /** where the best words were found: a key of claims, `sources` for what is cited */
  field: string;
  /** the text around the first of them */
  excerpt: string;
  /** the words of the base that matched */
  terms: readonly string[];
}

/** Field → how much a match there counts. */
const FIELDS = {
  id: 4,
  title: 4,
  statement: 3,
  tags: 3,
  narrative: 1.5,
  evidence: 1.5,
  debate: 1,
  counterarguments: 1,
  contradictions: 1,
  escalation: 1,
  consequences: 1,
  figures: 1,
  links: 1,
  sources: 0.7,
} as const;

type Field = keyof typeof FIELDS;

/** The texts of a claim, by field. */
function textsOf(claim: Claim, sources: ReadonlyMap<string, Source>): Record<Field, string[]> {
  return {
    id: [claim.id, claim.id.replaceAll('-', ' ')],
    title: [claim.title],
    statement: [claim.statement],
    tags: [...claim.tags, claim.category, claim.kind],
    narrative: claim.narrative.map(({ text }) => text),
    evidence: claim.evidence.map(({ shows }) => shows),
    debate: claim.debate
      ? [
          claim.debate.question,
          ...claim.debate.positions.flatMap(({ name, holds, by }) => [name, holds, ...by]),
        ]
      : [],
    counterarguments: claim.counterarguments.flatMap(({ text, by, response }) => [
      text,
      ...by,
      response?.text ?? '',
    ]),
    contradictions: claim.contradictions.flatMap(({ about, says, against, finding }) => [
      about,
      says.text,
      against.text,
      finding,
    ]),
    escalation: claim.escalation.flatMap(({ text, techniques }) => [text, ...techniques]),
    consequences: claim.consequences.map(({ text }) => text),
    figures: claim.figures.flatMap(({ what, setup }) => [what, setup]),
    links: [
      ...claim.hazards,
      ...claim.rules,
      ...claim.affordances,
      ...claim.external.map(({ scheme, id }) => `${scheme} ${id}`),
    ],
    sources: sourcesOf(claim).flatMap((id) => {
      const source = sources.get(id);
      return source ? [source.title, ...source.authors, source.publisher, id] : [id];
    }),
  };
}

/** Characters before and after what was found. */
const AROUND = 70;

function excerptOf(texts: readonly string[], terms: readonly string[]): string {
  for (const text of texts) {
    const lower = text.toLowerCase();
    const at = terms.map((term) => lower.indexOf(term)).filter((index) => index >= 0);
    if (at.length === 0) continue;
    const first = Math.min(...at);
    const start = first <= AROUND ? 0 : text.indexOf(' ', first - AROUND) + 1;
    const end = first + 2 * AROUND >= text.length ? text.length : text.lastIndexOf(' ', first + 2 * AROUND);
    return `${start > 0 ? '… ' : ''}${text.slice(start, end)}${end < text.length ? ' …' : ''}`;
  }
  return '';
}

/** Splits as readers do: `SSH-tunnel` is two words, `T1496.001` one. */
const tokenize = (text: string): string[] => text.match(/[\p{L}\p{N}]+(?:\.[\p{L}\p{N}]+)*/gu) ?? [];

/**
 * Claims in which all the words occur (at the beginning of words, and nearly so); where there are none, those with any.
 * The best first.
 */
export function searchClaims(
  claims: readonly Claim[],
  sources: ReadonlyMap<string, Source>,
  query: string,
): Found[] {
  const texts = new Map(claims.map((claim) => [claim.id, textsOf(claim, sources)]));
  const names = Object.keys(FIELDS) as Field[];
  const index = new MiniSearch<{ key: string } & Record<Field, string>>({
    idField: 'key',
    fields: names,
    tokenize,
    searchOptions: {
      boost: FIELDS,
      prefix: true,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      tokenize,
    },
  });
  index.addAll(
    [...texts].map(([key, fields]) => ({
      key,
      ...(Object.fromEntries(names.map((name) => [name, fields[name].join('\n')])) as Record<Field, string>),
    })),
  );
  const all = index.search(query, { combineWith: 'AND' });
  const results = all.length > 0 ? all : index.search(query, { combineWith: 'OR' });
  const byId = new Map(claims.map((claim) => [claim.id, claim]));
  return results.flatMap(({ id, score, match }) => {
    const claim = byId.get(String(id));
    const fields = texts.get(String(id));
    if (!claim || !fields) return [];
    const terms = Object.keys(match);
    const found = new Set(Object.values(match).flat());
    // the id and the title are shown anyway
    const field = names.find((name) => name !== 'id' && name !== 'title' && found.has(name)) ?? 'title';
    return [{ claim, score, field, excerpt: excerptOf(fields[field], terms), terms }];
  });
}
