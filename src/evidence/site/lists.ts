/**
 * Pages that list claims: the index with facets and search, a page for each value of a facet, hazards.
 *
 * @module
 */
import { HAZARD_NAMES, HAZARDS } from '../../contract/index.ts';
import type { Entry } from '../exports/index.ts';
import { type Html, html, joined } from '../html/index.ts';
import { type EvidenceStatus, labelOf, MARKS, STATUSES } from '../status.ts';
import { CATEGORIES, CERTAINTIES, KINDS, keysOf, REPRODUCTIONS, SETTINGS, titleOf } from '../words.ts';
import { pageFile } from './page.ts';
import { claimItem, claimLink } from './parts.ts';
import { SCRIPT } from './script.ts';
import { facetPlace, hazardPlace, linkFrom, PLACES, type Site, type SiteFile } from './site.ts';

interface Facet {
  name: string;
  title: string;
  /** value → what it means, in the order of the list */
  values: Readonly<Record<string, string>>;
  of: (entry: Entry) => readonly string[];
  nameOf?: (value: string) => string;
}

const STATUS_WORDS = { ...STATUSES, ...MARKS };

export const FACETS: readonly Facet[] = [
  {
    name: 'status',
    title: 'Status',
    values: Object.fromEntries(Object.entries(STATUS_WORDS).reverse()),
    of: ({ status }) => [...new Set([status.evidence, ...status.marks])],
    nameOf: (value) => (value in STATUSES ? sentence(labelOf(value as EvidenceStatus)) : titleOf(value)),
  },
  { name: 'hazard', title: 'Hazard', values: HAZARDS, of: ({ claim }) => claim.hazards },
  { name: 'category', title: 'Subject', values: CATEGORIES, of: ({ claim }) => [claim.category] },
  { name: 'kind', title: 'Kind', values: KINDS, of: ({ claim }) => [claim.kind] },
  {
    name: 'certainty',
    title: 'Certainty',
    values: Object.fromEntries(
      keysOf(CERTAINTIES)
        .toReversed()
        .map((key) => [key, CERTAINTIES[key]]),
    ),
    of: ({ status }) => [status.certainty.level],
  },
  { name: 'setting', title: 'Setting', values: SETTINGS, of: ({ claim }) => [claim.axes.setting] },
  {
    name: 'reproduction',
    title: 'Run by Ringfence',
    values: REPRODUCTIONS,
    of: ({ claim }) => [claim.axes.reproduction.level],
  },
];

/** `DEMONSTRATED (REAL-WORLD)` → `Demonstrated (real-world)`. */
const sentence = (label: string): string => `${label.slice(0, 1)}${label.slice(1).toLowerCase()}`;

/** A meaning of the closed words as a sentence of its own. */
const fullSentence = (meaning: string): string => `${meaning.slice(0, 1).toUpperCase()}${meaning.slice(1)}.`;

const nameOf = (facet: Facet, value: string): string => facet.nameOf?.(value) ?? titleOf(value);

/** Values that some claim has, with how many. */
function countsOf(site: Site, facet: Facet): [value: string, count: number][] {
  return Object.keys(facet.values).flatMap((value) => {
    const count = site.entries.filter((entry) => facet.of(entry).includes(value)).length;
    return count > 0 ? [[value, count] as [string, number]] : [];
  });
}

/** Where the claims with a value of a facet are listed. */
const placeOf = (facet: Facet, value: string): string =>
  facet.name === 'hazard' ? hazardPlace(value) : facetPlace(facet.name, value);

const facetLinks = (
  site: Site,
): Html => html`<nav class="facets without-script" aria-label="Claims by facet">${FACETS.map(
  (facet) => html`<details><summary>${facet.title}</summary><ul>${countsOf(site, facet).map(
    ([value, count]) =>
      html`<li><a href="${placeOf(facet, value)}">${nameOf(facet, value)}</a> <span class="number">${count}</span></li>`,
  )}</ul></details>
`,
)}</nav>
`;

const facetBoxes = (site: Site): Html => html`<div class="facets">${FACETS.map(
  (
    facet,
  ) => html`<details><summary>${facet.title}</summary><div role="group" aria-label="${facet.title}"><ul>${countsOf(
    site,
    facet,
  ).map(
    ([value, count]) =>
      html`<li><label><input type="checkbox" name="${facet.name}" value="${value}"> <span>${nameOf(facet, value)} <span class="number">${count}</span></span></label></li>`,
  )}</ul></div></details>
`,
)}</div>
`;

const numberOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

export function indexPage(site: Site): SiteFile {
  const { entries, sources } = site;
  const items = entries.map((entry) =>
    claimItem(
      PLACES.index,
      entry,
      'h2',
      html` id="${entry.claim.id}" data-id="${entry.claim.id}"${FACETS.map(
        (facet) => html` data-${facet.name}="${facet.of(entry).join(' ')}"`,
      )}`,
    ),
  );
  const objections = entries.reduce((sum, { claim }) => sum + claim.counterarguments.length, 0);
  return pageFile(site, {
    path: PLACES.index,
    title: 'Ringfence evidence base',
    description: 'Claims about what AI systems do, each with its sources, objections and derived status.',
    script: SCRIPT,
    body: html`<h1>What AI systems were shown to do</h1>
<p class="lead">Containment should be built against things that happened. ${numberOf(entries.length, 'claim')} from ${numberOf(sources.length, 'source')}, with ${numberOf(objections, 'objection')} and what answers them. Each status is derived by <a href="${PLACES.about}">rules that are written down</a>, so nobody has to believe it.</p>
<div class="narrow" id="narrow" role="search" data-words="${PLACES.search}" hidden>
<label for="query">Search the claims</label>
<input type="search" id="query" autocomplete="off" spellcheck="false" aria-describedby="count">
${facetBoxes(site)}<button type="button" id="all">Show all</button>
</div>
${facetLinks(site)}<p class="count" id="count" role="status">${numberOf(entries.length, 'claim')}</p>
<p id="none" hidden>No claim has all of that. Try fewer words, or beginnings of words.</p>
<ul class="list" id="list">${items}</ul>`,
  });
}

function listPage(site: Site, facet: Facet, value: string): SiteFile {
  const path = facetPlace(facet.name, value);
  const found = site.entries.filter((entry) => facet.of(entry).includes(value));
  const title = `${facet.title}: ${nameOf(facet, value)}`;
  return pageFile(site, {
    path,
    title,
    description: `Claims with ${title}: ${facet.values[value]}.`,
    body: html`<p class="crumbs"><a href="${linkFrom(path, PLACES.index)}">Claims</a> / ${facet.title}</p>
<h1>${nameOf(facet, value)}</h1>
<p class="lead">${fullSentence(facet.values[value] ?? value)}</p>
<p class="count">${numberOf(found.length, 'claim')}</p>
<ul class="list">${found.map((entry) => claimItem(path, entry, 'h2'))}</ul>`,
  });
}

export const facetPages = (site: Site): SiteFile[] =>
  FACETS.filter(({ name }) => name !== 'hazard').flatMap((facet) =>
    countsOf(site, facet).map(([value]) => listPage(site, facet, value)),
  );

const codes = (names: Iterable<string>): Html | undefined => {
  const all = [...new Set(names)].sort();
  return all.length === 0
    ? undefined
    : joined(
        all.map((name) => html`<code>${name}</code>`),
        ', ',
      );
};

function hazardPage(site: Site, hazard: keyof typeof HAZARDS): SiteFile {
  const path = hazardPlace(hazard);
  const found = site.entries.filter(({ claim }) => claim.hazards.includes(hazard));
  const steps = site.entries.flatMap(({ claim }) =>
    claim.escalation.filter((step) => step.hazard === hazard).map((step) => ({ claim, step })),
  );
  const rules = [...site.world.rules].filter(([id]) => id.startsWith(`${hazard}.`));
  const contracts = codes(
    found.flatMap(({ claim }) => claim.contracts.map((name) => `contracts/${name}.yaml`)),
  );
  const affordances = codes(found.flatMap(({ claim }) => claim.affordances));
  return pageFile(site, {
    path,
    title: titleOf(hazard),
    description: `The hazard ${hazard}: ${HAZARDS[hazard]}. Claims that are evidence for it, and rules that look for it.`,
    body: html`<p class="crumbs"><a href="${linkFrom(path, PLACES.hazards)}">Hazards</a> / <code>${hazard}</code></p>
<h1>${titleOf(hazard)}</h1>
<p class="lead">${fullSentence(HAZARDS[hazard])}</p>
<h2 id="claims">Claims that are evidence for it</h2>
${found.length > 0 ? html`<ul class="list">${found.map((entry) => claimItem(path, entry, 'h3'))}</ul>` : html`<p>None in this export.</p>`}
${
  steps.length > 0 &&
  html`<h2 id="steps">Steps of escalation paths that lead to it</h2>
<ul>${steps.map(
    ({
      claim,
      step,
    }) => html`<li>${step.text} <span class="meta">(${titleOf(step.state).toLowerCase()}; <a href="${linkFrom(path, `claims/${claim.id}.html`)}#step-${step.id}">${claim.title}</a>)</span></li>
`,
  )}</ul>`
}
${
  rules.length > 0 &&
  html`<h2 id="rules">Rules that look for it</h2>
<ul>${rules.map(
    ([id, file]) => html`<li><code>${id}</code> <span class="meta">in <code>${file}</code></span></li>
`,
  )}</ul>`
}
${
  (contracts || affordances) &&
  html`<h2 id="against">What those claims name</h2>
<dl class="facts">${contracts && html`<dt>Contracts</dt><dd>${contracts}</dd>`}${affordances && html`<dt>Affordances</dt><dd>${affordances}</dd>`}</dl>`
}
<p class="small soft">What Ringfence proves of it: <code>ringfence explain ${hazard}</code>, or <code>docs/reference/hazards-and-rules.md</code>.</p>`,
  });
}

export function hazardPages(site: Site): SiteFile[] {
  const path = PLACES.hazards;
  return [
    pageFile(site, {
      path,
      title: 'Hazards',
      description:
        'The hazards that contracts, proofs, rules and claims speak of, and the claims that are evidence for each.',
      body: html`<h1>Hazards</h1>
<p class="lead">The words that contracts, proofs, rules and claims share.</p>
<ul class="list">${HAZARD_NAMES.map((hazard) => {
        const found = site.entries.filter(({ claim }) => claim.hazards.includes(hazard));
        return html`<li id="${hazard}"><h2><a href="${linkFrom(path, hazardPlace(hazard))}">${titleOf(hazard)}</a></h2>
<p>${fullSentence(HAZARDS[hazard])}</p>
<p class="meta">${numberOf(found.length, 'claim')}${
          found.length > 0 &&
          html`: ${joined(
            found.map(({ claim }) => claimLink(site, path, claim.id)),
            '; ',
          )}`
        }</p></li>
`;
      })}</ul>`,
    }),
    ...HAZARD_NAMES.map((hazard) => hazardPage(site, hazard)),
  ];
}
