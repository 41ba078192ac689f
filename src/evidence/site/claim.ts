/**
 * The page of a claim.
 *
 * @module
 */
import { sourcesOf } from '../cites.ts';
import { UNMEASURED } from '../coverage/index.ts';
import { type Entry, toClaimBibtex } from '../exports/index.ts';
import { escapeHtml, type Html, html, trusted } from '../html/index.ts';
import { ATTRIBUTIONS, MATURITIES, REPRODUCTIONS, SETTINGS, SOURCINGS, titleOf } from '../words.ts';
import { contradictions, counterarguments, debate, escalation } from './argument.ts';
import { evidence, figures, history, links, related, sources } from './backing.ts';
import { pageFile } from './page.ts';
import { citationsOf, heading, statusBadge } from './parts.ts';
import { claimPlace, facetPlace, linkFrom, PLACES, type Site, type SiteFile } from './site.ts';

/** A part of the page, and its place in the list of contents. */
export interface Part {
  id: string;
  name: string;
  body: Html;
}

function statusCard(entry: Entry): Html {
  const { coverage = UNMEASURED } = entry;
  const { claim, status } = entry;
  const { maturity, setting, sourcing, attribution, reproduction } = claim.axes;
  return html`<div class="status" id="status">
<p>${statusBadge(entry)} <span class="meta">${status.dates}</span></p>
<dl>
<dt>Certainty</dt><dd>${titleOf(status.certainty.level)}</dd>
<dt>Maturity</dt><dd>${titleOf(maturity)}: ${MATURITIES[maturity]}</dd>
<dt>Setting</dt><dd>${titleOf(setting)}: ${SETTINGS[setting]}</dd>
<dt>Sourcing</dt><dd>${titleOf(sourcing)}: ${SOURCINGS[sourcing]}</dd>
<dt>Brought about</dt><dd>${titleOf(attribution.to)}: ${ATTRIBUTIONS[attribution.to]}. ${attribution.text}</dd>
<dt>Run by Ringfence</dt><dd>${titleOf(reproduction.level)}: ${REPRODUCTIONS[reproduction.level]}${
    reproduction.by.length > 0 &&
    html`<ul>${reproduction.by.map(({ run, path, shows }) => html`<li><code>${run}</code> (${path}): ${shows}</li>`)}</ul>`
  }</dd>
<dt>Coverage</dt><dd><strong>${coverage.state}</strong>. ${coverage.text}</dd>
</dl>
</div>
`;
}

const why = (page: string, { status }: Entry): Html =>
  html`<ul>${status.reasons.map(
    ({ rule, text }) => html`<li><strong>${titleOf(rule)}</strong>: ${text}</li>
`,
  )}</ul>
<p class="small soft">The rules: <a href="${linkFrom(page, PLACES.about)}#status">how statuses are derived</a>.</p>
`;

function howToCite(site: Site, entry: Entry): Html {
  const { claim, status } = entry;
  const address = site.address === undefined ? '' : ` ${site.address}/${claimPlace(claim.id)}`;
  const by = status.verified?.by;
  return html`<p>${by === undefined ? '' : `${by}. `}“${claim.title}.” Ringfence evidence base, claim <code>${claim.id}</code>, updated ${status.updated}. Status on ${site.today}: ${status.label}.${address}</p>
<pre tabindex="0" aria-label="The same as BibTeX"><code>${preformatted(toClaimBibtex(entry, site))}</code></pre>
`;
}

/** Lines and their indentation stay; each is escaped. */
const preformatted = (text: string): Html =>
  trusted(
    text
      .trimEnd()
      .split('\n')
      .map((line) => `${/^ */.exec(line)?.[0]}${escapeHtml(line.trim())}`)
      .join('\n'),
  );

export function claimPageFile(site: Site, entry: Entry): SiteFile {
  const { claim } = entry;
  const path = claimPlace(claim.id);
  const ids = sourcesOf(claim);
  const citations = citationsOf(site, ids);
  const context = { site, path, entry, claim, ids, citations };
  const narrative = claim.narrative.map(
    ({ text, cites }, index) => html`<p id="known-${index + 1}">${citations.said(text, cites)}</p>
${citations.quotes(cites)}`,
  );
  const consequences =
    claim.consequences.length > 0 &&
    html`<ul>${claim.consequences.map(
      (
        { text, cites },
        index,
      ) => html`<li id="consequence-${index + 1}">${citations.said(text, cites)}${citations.quotes(cites)}</li>
`,
    )}</ul>`;
  const candidates: [id: string, name: string, body: Html | readonly Html[] | undefined | false][] = [
    ['why', 'Why this status', why(path, entry)],
    ['known', 'What is known', narrative],
    ['evidence', 'What it rests on', evidence(context)],
    ['figures', 'Figures', figures(context)],
    ['debate', 'The debate on the mechanism', debate(context)],
    ['consequences', 'What holds whatever the mechanism', consequences],
    ['escalation', 'The escalation path', escalation(context)],
    ['counterarguments', 'Counterarguments and responses', counterarguments(context)],
    ['contradictions', 'Contradictions between sources', contradictions(context)],
    ['links', 'Hazards, rules, contracts', links(context)],
    ['related', 'Related claims', related(context)],
    ['sources', 'Sources', sources(context)],
    ['history', 'Verification and history', history(context)],
    ['cite', 'How to cite', howToCite(site, entry)],
  ];
  const parts = candidates.flatMap(([id, name, body]) => (body ? [{ id, name, body: html`${body}` }] : []));
  const title = claim.title;
  const body = html`<p class="crumbs"><a href="${linkFrom(path, PLACES.index)}">Claims</a> / <a href="${linkFrom(path, facetPlace('category', claim.category))}">${titleOf(claim.category)}</a> / <code>${claim.id}</code></p>
<h1>${title}</h1>
<p class="lead">${claim.statement}</p>
<div class="with-side">
<nav class="side" aria-label="On this page"><details><summary>On this page</summary><ol>${parts.map(
    ({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`,
  )}</ol></details></nav>
<div class="text">
${statusCard(entry)}
${parts.map(
  ({ id, name, body }) => html`<section aria-labelledby="${id}">${heading(id, name)}
${body}</section>
`,
)}</div>
</div>`;
  return pageFile(site, { path, title, description: claim.statement, body });
}
