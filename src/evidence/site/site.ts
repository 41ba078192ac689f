/**
 * What the pages of a base are made of, and where each of them lies.
 *
 * @module
 */
import type { Entry, Exported } from '../exports/index.ts';
import type { Source } from '../load.ts';

/** What claims link to outside the base. */
export interface SiteWorld {
  /** rule id → the file that holds it, as a reader of the repository would name it */
  readonly rules: ReadonlyMap<string, string>;
  /** ATT&CK or ATLAS id → name */
  readonly techniques: ReadonlyMap<string, string>;
}

export interface SiteFile {
  /** below the folder of the site, with `/` */
  readonly path: string;
  readonly text: string;
}

/** What every page is made from. */
export interface Site extends Exported {
  readonly world: SiteWorld;
  readonly byId: ReadonlyMap<string, Entry>;
  readonly sourceById: ReadonlyMap<string, Source>;
}

export const PLACES = {
  index: 'index.html',
  hazards: 'hazards/index.html',
  sources: 'sources/index.html',
  about: 'about.html',
  feed: 'feed.xml',
  json: 'claims.json',
  csv: 'claims.csv',
  stix: 'stix.json',
  bibtex: 'sources.bib',
  search: 'search.js',
} as const;

export const claimPlace = (id: string): string => `claims/${id}.html`;
export const hazardPlace = (id: string): string => `hazards/${id}.html`;
export const sourcePlace = (id: string): string => `sources/${id}.html`;
export const facetPlace = (facet: string, value: string): string => `by/${facet}-${value}.html`;

/** The address of one page as another links to it, so that the site works in any folder and from a file. */
export function linkFrom(page: string, target: string): string {
  const up = '../'.repeat(page.split('/').length - 1);
  return `${up}${target}`;
}
