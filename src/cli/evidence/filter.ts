/**
 * Facets: which claims of a base are meant.
 *
 * @module
 */
import { HAZARD_NAMES } from '../../contract/index.ts';
import {
  ATTRIBUTIONS,
  CATEGORIES,
  CERTAINTIES,
  type Claim,
  KINDS,
  keysOf,
  MARKS,
  MATURITIES,
  REPRODUCTIONS,
  SETTINGS,
  SOURCINGS,
  STATUSES,
  type Status,
} from '../../evidence/index.ts';
import type { Base } from './base.ts';

export interface Listed {
  claim: Claim;
  status: Status;
}

/** Facet → the values of a claim. */
const FACETS = {
  category: ({ claim }: Listed) => [claim.category],
  kind: ({ claim }: Listed) => [claim.kind],
  hazard: ({ claim }: Listed) => claim.hazards,
  status: ({ status }: Listed) => [status.code, status.evidence, ...status.marks],
  certainty: ({ status }: Listed) => [status.certainty.level],
  maturity: ({ claim }: Listed) => [claim.axes.maturity],
  setting: ({ claim }: Listed) => [claim.axes.setting],
  sourcing: ({ claim }: Listed) => [claim.axes.sourcing],
  attribution: ({ claim }: Listed) => [claim.axes.attribution.to],
  reproduction: ({ claim }: Listed) => [claim.axes.reproduction.level],
  tag: ({ claim }: Listed) => claim.tags,
  source: ({ claim }: Listed) => claim.evidence.flatMap(({ cite }) => cite.source ?? []),
} as const;

export type Facet = keyof typeof FACETS;

/** What may be asked of each facet that has closed words. */
export const FACET_WORDS = {
  category: keysOf(CATEGORIES),
  kind: keysOf(KINDS),
  hazard: HAZARD_NAMES,
  status: [...keysOf(STATUSES), ...keysOf(MARKS)],
  certainty: keysOf(CERTAINTIES),
  maturity: keysOf(MATURITIES),
  setting: keysOf(SETTINGS),
  sourcing: keysOf(SOURCINGS),
  attribution: keysOf(ATTRIBUTIONS),
  reproduction: keysOf(REPRODUCTIONS),
} as const;

/** Claims for which every facet that was asked has one of the values that were asked. */
export function filterClaims(base: Base, asked: Partial<Record<Facet, readonly string[]>>): Listed[] {
  const wanted = (Object.entries(asked) as [Facet, readonly string[]][]).filter(
    ([, values]) => values.length > 0,
  );
  return base.evidence.claims
    .map((claim) => ({ claim, status: base.statusOf(claim) }))
    .filter((listed) =>
      wanted.every(([facet, values]) => FACETS[facet](listed).some((value) => values.includes(value))),
    );
}

/** How many claims have each value of a facet, the most frequent first. */
export function countFacet(listed: readonly Listed[], facet: Facet): [value: string, count: number][] {
  const counts = new Map<string, number>();
  for (const one of listed)
    for (const value of new Set(FACETS[facet](one))) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
}

/** The facets among a command's options. */
export function facetsOf(options: Record<Facet, readonly string[]>): Record<Facet, readonly string[]> {
  return Object.fromEntries(
    (Object.keys(FACETS) as Facet[]).map((facet) => [facet, options[facet]]),
  ) as Record<Facet, readonly string[]>;
}
