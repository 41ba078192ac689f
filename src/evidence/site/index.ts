/**
 * The evidence base as a static site: files that need no server, and no script for reading.
 *
 * @module
 */
import { type Exported, toAtom, toBibtex, toCsv, toJson, toStix } from '../exports/index.ts';
import { aboutPage } from './about.ts';
import { claimPageFile } from './claim.ts';
import { facetPages, hazardPages, indexPage } from './lists.ts';
import { searchScript } from './search.ts';
import { PLACES, type Site, type SiteFile, type SiteWorld } from './site.ts';
import { sourcePages } from './sources.ts';

export type { SiteFile, SiteWorld } from './site.ts';
export { SiteFolderError, writeSite } from './write.ts';

/** Every file of the site, in a fixed order. The same base, day and address give the same bytes. */
export function buildSite(exported: Exported, world: SiteWorld): SiteFile[] {
  const site: Site = {
    ...exported,
    world,
    byId: new Map(exported.entries.map((entry) => [entry.claim.id, entry])),
    sourceById: new Map(exported.sources.map((source) => [source.id, source])),
  };
  return [
    indexPage(site),
    aboutPage(site),
    ...site.entries.map((entry) => claimPageFile(site, entry)),
    ...facetPages(site),
    ...hazardPages(site),
    ...sourcePages(site),
    { path: PLACES.search, text: searchScript(site) },
    { path: PLACES.json, text: toJson(exported) },
    { path: PLACES.csv, text: toCsv(exported) },
    { path: PLACES.stix, text: toStix(exported, world.techniques) },
    { path: PLACES.feed, text: toAtom(exported) },
    { path: PLACES.bibtex, text: toBibtex(exported) },
  ];
}
