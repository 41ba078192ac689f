/**
 * The page that says how to read the others: what statuses, certainty and the closed words mean.
 *
 * @module
 */

import { type Html, html } from '../html/index.ts';
import { type EvidenceStatus, labelOf, MARKS, STALE_AFTER, STATUSES } from '../status.ts';
import * as words from '../words.ts';
import { pageFile } from './page.ts';
import { PLACES, type Site, type SiteFile } from './site.ts';

const table = (
  title: string,
  id: string,
  entries: Readonly<Record<string, string>>,
  name: (word: string) => string = words.titleOf,
): Html => html`<h3 id="${id}">${title}</h3>
<dl class="facts">${Object.entries(entries).map(
  ([word, meaning]) => html`<dt>${name(word)}</dt><dd>${meaning}</dd>
`,
)}</dl>
`;

export function aboutPage(site: Site): SiteFile {
  return pageFile(site, {
    path: PLACES.about,
    title: 'About',
    description: 'How statuses and certainty are derived, what the words mean, and how to check all of it.',
    body: html`<h1>How to read this</h1>
<p class="lead">Claims are files that anybody can review. What stands above each of them is computed from what the file says, by rules that are the same for all.</p>
<div class="text">
<h2 id="status">How statuses are derived</h2>
<p>A claim states how far it has come, where it was seen and who vouches for it, and cites what it rests on. From that follows what the evidence makes of it; the first that holds is taken:</p>
<ol>
<li><strong>Unsupported</strong> where no source is left that stands: withdrawn sources count for nothing.</li>
<li><strong>Feasible</strong> where no system was seen to do the whole, or nothing was run.</li>
<li><strong>Reported</strong> where only secondary sources stand behind it.</li>
<li><strong>Realized</strong> where it happened outside any experiment, and the sourcing is corroborated or confirmed.</li>
<li><strong>Demonstrated</strong> otherwise, with its setting.</li>
</ol>
${table('What evidence makes of a claim', 'statuses', STATUSES, (word) => labelOf(word as EvidenceStatus))}
<p>Marks stand before it. A claim is <strong>disputed</strong> where a party that should know denies it, or a strong objection to it was conceded; <strong>stale</strong> where it was verified more than ${STALE_AFTER} days ago, or a source changed since; a <strong>draft</strong> until somebody reviewed it.</p>
${table('Marks', 'marks', MARKS)}
<p>“✓ verified” needs sources that were read, whole or in part; “○” says that abstracts, or the form alone, were checked.</p>
<h2 id="certainty">How certainty is derived</h2>
<p>It starts with how the evidence came about, as GRADE does, and is taken down or put up, each time for a reason that the claim’s page lists. A second party’s data puts it up; a denial, secondary sources alone and objections that were conceded take it down; a strong objection to the claim that nobody answered keeps it from being high.</p>
${table('Levels', 'levels', words.CERTAINTIES)}${table('Where it starts', 'designs', words.DESIGNS)}${table('Taken down by', 'lowered', words.LOWERED_BY)}${table('Put up by', 'raised', words.RAISED_BY)}
<h2 id="apart">What is kept apart</h2>
<p>That a mechanism works, run here by a script, says nothing of what models want: the first is a <em>mechanism</em>, the second a <em>propensity</em>. Coverage says how often scenarios of a claim’s mechanism were stopped and seen by Ringfence, in a battery of attempts with their honest twins; its intervals are exact ones at 95 %. Where no scenario was tried it is <strong>UNMEASURED</strong>, and never counts as covered; where the scenario or a rule changed since, it is <strong>STALE</strong>.</p>
<p>A quote is marked where its words were not found in the text again, and a source says how far it was read. Where sources differ, both sides stand on the page, with what we follow and why.</p>
<h2 id="words">The words</h2>
${table('Maturity', 'maturity', words.MATURITIES)}${table('Setting', 'setting', words.SETTINGS)}${table('Sourcing', 'sourcing', words.SOURCINGS)}${table('What brought it about', 'attribution', words.ATTRIBUTIONS)}${table('What Ringfence runs', 'reproduction', words.REPRODUCTIONS)}${table('State of an objection', 'objections', words.COUNTER_STATES)}${table('Strength of an objection', 'strength', words.STRENGTHS)}${table('How far a source was read', 'checks', words.CHECKS)}${table('Tier of a source', 'tiers', words.TIERS)}
<h2 id="reuse">Check it, take it, correct it</h2>
<ul>
<li>Everything as data: <a href="${PLACES.json}">JSON</a>, <a href="${PLACES.csv}">CSV</a>, <a href="${PLACES.stix}">STIX 2.1</a>, <a href="${PLACES.feed}">an Atom feed of changes</a>, <a href="${PLACES.bibtex}">BibTeX</a>. JSON can be read back, and statuses derived again.</li>
<li>Claims are YAML files; <code>ringfence evidence lint</code> checks links, quotes, dates and statuses, and <code>docs/how-to/write-a-claim.md</code> says how to write one.</li>
<li>These pages: <code>ringfence evidence export --site DIR</code>. They load nothing from elsewhere and set nothing on your machine; scripts run on the index alone, and only to search.</li>
</ul>
</div>`,
  });
}
