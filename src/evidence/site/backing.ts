/**
 * What a claim rests on and is linked to: evidence, figures, sources, hazards, rules, contracts, other claims, its history.
 *
 * @module
 */
import { citesOf } from '../cites.ts';
import { amountOf } from '../figure.ts';
import { type Html, html, joined } from '../html/index.ts';
import type { Source } from '../load.ts';
import type { Cite } from '../schema/parts.ts';
import { CHECKS, RELATIONS, SOURCE_TYPES, TIERS, titleOf, VERIFIED_HOW } from '../words.ts';
import type { Context } from './argument.ts';
import { badge, claimLink, hazardLink, outside, sourceLink } from './parts.ts';

export function evidence({ claim, citations }: Context): Html {
  const alone = claim['secondary-only'];
  return html`<ol>${claim.evidence.map(
    (
      { shows, cite },
      index,
    ) => html`<li id="evidence-${index + 1}">${citations.said(shows, [cite])}${citations.quotes([cite])}</li>
`,
  )}</ol>
${
  alone !== undefined &&
  html`<p><strong>Secondary sources alone.</strong> ${alone}</p>
`
}`;
}

export function figures({ claim, citations }: Context): Html | undefined {
  if (claim.figures.length === 0) return undefined;
  return html`<div class="scroll" role="region" aria-label="Figures" tabindex="0"><table class="wide-table"><thead><tr><th scope="col">Figure</th><th scope="col">What was counted</th><th scope="col">Set-up</th><th scope="col">Source</th></tr></thead>
<tbody>${claim.figures.map(
    (
      figure,
      index,
    ) => html`<tr id="figure-${index + 1}"><td>${amountOf(figure)}</td><td>${figure.what}</td><td>${figure.setup}</td><td>${citations.marks([figure.cite])}${citations.quotes([figure.cite])}</td></tr>
`,
  )}</tbody></table></div>
`;
}

const row = (name: string, items: readonly Html[]): Html | false =>
  items.length > 0 &&
  html`<dt>${name}</dt><dd>${joined(items, ', ')}</dd>
`;

export function links({ site, path, claim }: Context): Html {
  const rules = claim.rules.map((id) => {
    const file = site.world.rules.get(id);
    return file === undefined
      ? html`<code>${id}</code>`
      : html`<code>${id}</code> <span class="meta">in <code>${file}</code></span>`;
  });
  const external = claim.external.map(({ scheme, id, url, note }) => {
    const name = `${scheme} ${id}`;
    return html`${url === undefined ? html`<code>${name}</code>` : outside(url, name)}${note !== undefined && html` <span class="meta">(${note})</span>`}`;
  });
  return html`<dl class="facts">
${row(
  'Hazards',
  claim.hazards.map((hazard) => hazardLink(path, hazard)),
)}${row('Rules that would see it', rules)}${row(
  'Contracts made against it',
  claim.contracts.map((name) => html`<code>contracts/${name}.yaml</code>`),
)}${row(
  'Affordances',
  claim.affordances.map((id) => html`<code>${id}</code>`),
)}${row('Elsewhere', external)}${row(
  'Tags',
  claim.tags.map((tag) => html`${tag}`),
)}</dl>
<p class="small soft">What hazards and rules mean is in <code>docs/reference/hazards-and-rules.md</code> and <code>docs/reference/rules.md</code> of Ringfence, affordances in <code>docs/reference/affordances.md</code>.</p>
`;
}

export function related({ site, path, claim }: Context): Html | undefined {
  const ours = claim.related.map(
    ({
      claim: other,
      how,
      note,
    }) => html`<li><strong>${titleOf(how)}</strong> ${claimLink(site, path, other)} <span class="meta">(${RELATIONS[how]})</span>${note !== undefined && html`<br>${note}`}</li>
`,
  );
  const theirs = site.entries.flatMap(({ claim: other }) =>
    other.related
      .filter((one) => one.claim === claim.id)
      .map(
        ({
          how,
          note,
        }) => html`<li>${claimLink(site, path, other.id)}: <strong>${titleOf(how).toLowerCase()}</strong> this claim${note !== undefined && html`<br>${note}`}</li>
`,
      ),
  );
  return ours.length + theirs.length > 0 ? html`<ul>${ours}${theirs}</ul>` : undefined;
}

/** `arXiv:2512.24873`, as links where there is a place to look. */
export function identifiersOf({ identifiers: { arxiv, doi, isbn, cve } }: Source): Html[] {
  return [
    ...(arxiv === undefined ? [] : [html`arXiv:${arxiv}`]),
    ...(doi === undefined ? [] : [html`doi:${doi}`]),
    ...(isbn === undefined ? [] : [html`ISBN ${isbn}`]),
    ...(cve === undefined ? [] : [html`${cve}`]),
  ];
}

/** Who wrote it, what it is, when it came out. */
export function describeSource(source: Source): Html {
  const { authors, publisher, published, tier, type } = source;
  return html`${authors.length > 0 && `${authors.join(', ')}. `}${publisher}, ${published}. <span class="meta">${badge(titleOf(tier), tier === 'primary' ? 'green' : 'grey')} ${titleOf(type)}: ${SOURCE_TYPES[type]}</span>`;
}

export const checkedOf = ({ checked }: Source): Html =>
  html`${titleOf(checked.how)} on ${checked.on} by ${checked.by}: ${CHECKS[checked.how]}.${checked.note !== undefined && ` ${checked.note}`}`;

function eventsOf(cites: readonly Cite[]): Html[] {
  const events = new Map(
    cites.flatMap(({ event }) => (event ? [[`${event.run} ${event.seq}`, event] as const] : [])),
  );
  return [...events.values()].map(
    ({
      run,
      seq,
      hash,
    }) => html`<li>Event ${seq} of run <code>${run}</code>, hash <code>${hash}</code>: the record itself, which <code>ringfence log verify</code> checks.</li>
`,
  );
}

export function sources({ site, path, claim, ids }: Context): Html {
  const cites = citesOf(claim).map(({ cite }) => cite);
  return html`<ol class="sources">${ids.map((id) => {
    const source = site.sourceById.get(id);
    if (!source) return html`<li id="source-${id}"><code>${id}</code> (not in this base)</li>`;
    const { title, url, retracted } = source;
    const places = [...new Set(cites.filter((cite) => cite.source === id).flatMap(({ at }) => at ?? []))];
    return html`<li id="source-${id}"><strong>${sourceLink(path, id, title)}</strong><br>
${describeSource(source)}<br>
${
  url !== undefined &&
  html`${outside(url, url)}<br>
`
}<span class="meta">${TIERS[source.tier]}; ${checkedOf(source)}${places.length > 0 && ` Cited: ${places.join('; ')}.`}</span>
${retracted !== undefined && html`<br><strong>Withdrawn:</strong> ${retracted}`}</li>
`;
  })}${eventsOf(cites)}</ol>
`;
}

export function history({ claim }: Context): Html {
  const checks = claim.verification.map(
    ({
      on,
      by,
      how,
      note,
    }) => html`<li>${on}: verified by ${by}. ${titleOf(how)}: ${VERIFIED_HOW[how]}.${note !== undefined && ` ${note}`}</li>
`,
  );
  const changes = claim.history.map(
    ({ on, what, by }) => html`<li>${on}: ${what}${by !== undefined && ` (${by})`}</li>
`,
  );
  return html`<ul>${checks.length > 0 ? checks : html`<li>Nobody has verified it yet.</li>`}${changes}</ul>
`;
}
