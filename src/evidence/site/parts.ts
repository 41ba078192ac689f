/**
 * Pieces that several pages have: badges, headings with an address, citations, a claim in a list.
 *
 * @module
 */
import type { Entry } from '../exports/index.ts';
import { type Html, html, joined } from '../html/index.ts';
import type { Cite } from '../schema/parts.ts';
import type { EvidenceStatus, Mark } from '../status.ts';
import { titleOf } from '../words.ts';
import { claimPlace, hazardPlace, linkFrom, type Site, sourcePlace } from './site.ts';

type Colour = 'red' | 'orange' | 'amber' | 'blue' | 'violet' | 'grey' | 'green';

const COLOURS: Readonly<Record<EvidenceStatus | Mark, Colour>> = {
  realized: 'red',
  'demonstrated-real-world': 'orange',
  'demonstrated-controlled': 'amber',
  'demonstrated-simulated': 'blue',
  reported: 'violet',
  feasible: 'blue',
  unsupported: 'grey',
  disputed: 'violet',
  stale: 'grey',
  draft: 'grey',
};

export const badge = (text: string, colour: Colour = 'grey'): Html =>
  html`<span class="badge ${colour}">${text}</span>`;

export const statusBadge = ({ status }: Entry): Html => badge(status.label, COLOURS[status.code]);

/** A heading that can be linked to. */
export const heading = (id: string, text: string): Html =>
  html`<h2 id="${id}">${text}<a class="hash" href="#${id}" aria-label="Link to “${text}”">#</a></h2>`;

/** A link to a claim, or its id where its page is not part of this export. */
export function claimLink(site: Site, page: string, id: string): Html {
  const entry = site.byId.get(id);
  return entry
    ? html`<a href="${linkFrom(page, claimPlace(id))}">${entry.claim.title}</a>`
    : html`<code>${id}</code> (not in this export)`;
}

export const hazardLink = (page: string, hazard: string): Html =>
  html`<a href="${linkFrom(page, hazardPlace(hazard))}">${titleOf(hazard)}</a>`;

/** MITRE’s own page of a technique. */
const techniqueAddress = (id: string): string =>
  id.startsWith('AML.')
    ? `https://atlas.mitre.org/techniques/${id}`
    : `https://attack.mitre.org/techniques/${id.replace('.', '/')}`;

export const outside = (address: string, text: string): Html =>
  html`<a href="${address}" rel="external noopener noreferrer">${text}</a>`;

export function techniqueLink(site: Site, id: string): Html {
  const name = site.world.techniques.get(id);
  return name === undefined ? html`<code>${id}</code>` : html`${outside(techniqueAddress(id), id)} ${name}`;
}

/** Citations of a claim’s page: numbers that lead to its list of sources, and quotes. */
export interface Citations {
  marks: (cites: readonly Cite[]) => Html | undefined;
  quotes: (cites: readonly Cite[]) => Html[];
  /** a text, and the numbers of its sources behind it */
  said: (text: string, cites: readonly Cite[]) => Html;
}

/** @param ids of the sources, the first is [1] */
export function citationsOf(site: Site, ids: readonly string[]): Citations {
  const mark = ({ source, event, at }: Cite): Html => {
    const where = at === undefined ? '' : `, ${at}`;
    if (source === undefined) return html`[event ${event?.seq} of run ${event?.run}${where}]`;
    const title = site.sourceById.get(source)?.title ?? source;
    return html`[<a href="#source-${source}" aria-label="Source ${ids.indexOf(source) + 1}: ${title}">${ids.indexOf(source) + 1}</a>${where}]`;
  };
  const marks = (cites: readonly Cite[]): Html | undefined => {
    const seen = new Set<string>();
    const once = cites.filter(({ source, event, at }) => {
      const key = JSON.stringify([source, event, at]);
      return !seen.has(key) && seen.add(key);
    });
    return once.length === 0 ? undefined : html`<span class="cite">${joined(once.map(mark), ' ')}</span>`;
  };
  return {
    marks,
    said: (text, cites) => {
      const behind = marks(cites);
      return behind ? html`${text} ${behind}` : html`${text}`;
    },
    quotes: (cites) =>
      cites.flatMap((cite) =>
        cite.quote === undefined
          ? []
          : [
              html`<blockquote><p>“${cite.quote}” <span class="cite">${mark(cite)}</span>${
                cite.checked !== 'in-source' && html` <span class="meta">(not found in the text again)</span>`
              }</p></blockquote>
`,
            ],
      ),
  };
}

/** A claim in a list: title, status, statement. */
export function claimItem(page: string, entry: Entry, level: 'h2' | 'h3', attributes: Html = html``): Html {
  const { claim, status } = entry;
  const link = html`<a href="${linkFrom(page, claimPlace(claim.id))}">${claim.title}</a>`;
  return html`<li${attributes}>${level === 'h2' ? html`<h2>${link}</h2>` : html`<h3>${link}</h3>`}
<p class="state">${statusBadge(entry)} <span class="meta">${status.dates} · certainty ${status.certainty.level.replace('-', ' ')} · ${titleOf(claim.kind).toLowerCase()}, ${titleOf(claim.category).toLowerCase()}</span></p>
<p>${claim.statement}</p></li>
`;
}

export const sourceLink = (page: string, id: string, title: string): Html =>
  html`<a href="${linkFrom(page, sourcePlace(id))}">${title}</a>`;
