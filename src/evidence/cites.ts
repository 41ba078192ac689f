/**
 * Every citation of a claim, with the path where it is written.
 *
 * @module
 */
import type { Path } from '../contract/index.ts';
import type { WrittenClaim } from './schema/claim.ts';
import type { Cite } from './schema/parts.ts';

export interface PlacedCite {
  path: Path;
  cite: Cite;
}

/** In the order of the file's keys. */
export function citesOf(claim: WrittenClaim): PlacedCite[] {
  const found: PlacedCite[] = [];
  const add = (path: Path, cites: readonly Cite[]): void => {
    for (const [index, cite] of cites.entries()) found.push({ path: [...path, index], cite });
  };
  for (const [index, { cites }] of claim.narrative.entries()) add(['narrative', index, 'cites'], cites);
  for (const [index, { cite }] of claim.evidence.entries())
    found.push({ path: ['evidence', index, 'cite'], cite });
  for (const [index, { cite }] of claim.figures.entries())
    found.push({ path: ['figures', index, 'cite'], cite });
  for (const [index, { cites }] of (claim.debate?.positions ?? []).entries())
    add(['debate', 'positions', index, 'cites'], cites);
  for (const [index, { cites }] of claim.consequences.entries()) add(['consequences', index, 'cites'], cites);
  for (const [index, { cites }] of claim.escalation.entries()) add(['escalation', index, 'cites'], cites);
  for (const [index, { cites, response }] of claim.counterarguments.entries()) {
    add(['counterarguments', index, 'cites'], cites);
    add(['counterarguments', index, 'response', 'cites'], response?.cites ?? []);
  }
  for (const [index, { says, against }] of claim.contradictions.entries()) {
    found.push({ path: ['contradictions', index, 'says', 'cite'], cite: says.cite });
    found.push({ path: ['contradictions', index, 'against', 'cite'], cite: against.cite });
  }
  return found;
}

/** Ids of all sources that a claim cites, each once, in the order of their first mention. */
export const sourcesOf = (claim: WrittenClaim): string[] => [
  ...new Set(citesOf(claim).flatMap(({ cite }) => (cite.source === undefined ? [] : [cite.source]))),
];
