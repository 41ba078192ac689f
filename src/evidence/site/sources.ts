/**
 * Pages of sources: an index, and a page each with what it is, how far it was read, and which claims cite it for what.
 *
 * @module
 */
import { citesOf } from '../cites.ts';
import { type Html, html, joined } from '../html/index.ts';
import type { Source } from '../load.ts';
import { titleOf } from '../words.ts';
import { checkedOf, describeSource, identifiersOf } from './backing.ts';
import { pageFile } from './page.ts';
import { badge, claimLink, outside, sourceLink } from './parts.ts';
import { linkFrom, PLACES, type Site, type SiteFile, sourcePlace } from './site.ts';

function sourcePage(site: Site, source: Source): SiteFile {
  const { id, title, url, archive, licence, updated, accessed, retracted, note } = source;
  const path = sourcePlace(id);
  const cited = site.entries.flatMap(({ claim }) => {
    const cites = citesOf(claim).filter(({ cite }) => cite.source === id);
    return cites.length > 0 ? [{ claim, cites }] : [];
  });
  const quotes = new Map(
    cited.flatMap(({ cites }) =>
      cites.flatMap(({ cite }) => (cite.quote === undefined ? [] : [[cite.quote, cite] as const])),
    ),
  );
  const facts: [name: string, value: Html | string | undefined][] = [
    ['Address', url && outside(url, url)],
    ['Kept copy', archive.url === undefined ? archive.none : outside(archive.url, archive.url)],
    ['Identifiers', identifiersOf(source).length > 0 ? joined(identifiersOf(source), ', ') : undefined],
    ['Licence', licence],
    ['Changed', updated],
    ['Looked at', accessed],
    ['Checked', checkedOf(source)],
    ['Note', note],
  ];
  return pageFile(site, {
    path,
    title,
    description: `A ${source.tier} source of the evidence base: what it is, how far it was read, and which claims cite it.`,
    body: html`<p class="crumbs"><a href="${linkFrom(path, PLACES.sources)}">Sources</a> / <code>${id}</code></p>
<h1>${title}</h1>
<p class="lead">${describeSource(source)}</p>
${retracted !== undefined && html`<p><strong>Withdrawn:</strong> ${retracted}</p>`}
<dl class="facts">${facts.map(
      ([name, value]) =>
        value !== undefined &&
        html`<dt>${name}</dt><dd>${value}</dd>
`,
    )}</dl>
<h2 id="claims">Claims that cite it</h2>
<ul>${cited.map(({ claim, cites }) => {
      const places = [...new Set(cites.flatMap(({ cite }) => cite.at ?? []))];
      return html`<li>${claimLink(site, path, claim.id)}${places.length > 0 && html` <span class="meta">(${places.join('; ')})</span>`}</li>
`;
    })}</ul>
${
  quotes.size > 0 &&
  html`<h2 id="quotes">Quotes taken from it</h2>
${[...quotes.values()].map(
  ({
    quote,
    at,
    checked,
  }) => html`<blockquote><p>“${quote}” <span class="meta">${at !== undefined && `${at}; `}${checked === 'in-source' ? 'found in the text' : 'not found in the text again'}</span></p></blockquote>
`,
)}`
}`,
  });
}

export function sourcePages(site: Site): SiteFile[] {
  const path = PLACES.sources;
  const items = site.sources.map(
    ({
      id,
      title,
      publisher,
      published,
      tier,
      type,
      checked,
    }) => html`<li id="${id}">${sourceLink(path, id, title)}<br>
<span class="meta">${publisher}, ${published} ${badge(titleOf(tier), tier === 'primary' ? 'green' : 'grey')} ${titleOf(type)}, ${titleOf(checked.how).toLowerCase()}</span></li>
`,
  );
  const primary = site.sources.filter(({ tier }) => tier === 'primary').length;
  return [
    pageFile(site, {
      path,
      title: 'Sources',
      description: 'Everything that the claims cite, with how far each was read.',
      body: html`<h1>Sources</h1>
<p class="lead">${site.sources.length} texts that the claims cite; ${primary} are primary: by those who did, measured, wrote or saw it.</p>
<p>All of them as <a href="${linkFrom(path, PLACES.bibtex)}">BibTeX</a>.</p>
<ul class="sources">${items}</ul>`,
    }),
    ...site.sources.map((source) => sourcePage(site, source)),
  ];
}
