/**
 * What is argued about a claim: the debate side by side, the escalation path, objections beside responses, contradictions.
 *
 * @module
 */
import type { Entry } from '../exports/index.ts';
import { stepsBefore } from '../graph.ts';
import { type Html, html, joined } from '../html/index.ts';
import type { Cite } from '../schema/parts.ts';
import {
  CONTRADICTION_STATES,
  COUNTER_STATES,
  DEBATE_STATES,
  STEP_STATES,
  STRENGTHS,
  titleOf,
} from '../words.ts';
import { drawEscalation } from './escalation.ts';
import { badge, type Citations, claimLink, hazardLink, techniqueLink } from './parts.ts';
import type { Site } from './site.ts';

/** What the parts of a claim’s page are made from. */
export interface Context {
  site: Site;
  path: string;
  entry: Entry;
  claim: Entry['claim'];
  /** ids of its sources, the first is [1] */
  ids: readonly string[];
  citations: Citations;
}

const heldBy = (by: readonly string[]): Html | false =>
  by.length > 0 &&
  html`<p class="meta">${by.join('; ')}</p>
`;

export function debate({ claim, citations }: Context): Html | undefined {
  const { debate } = claim;
  if (!debate) return undefined;
  return html`<p><strong>${debate.question}</strong> ${badge(titleOf(debate.state))} <span class="meta">${DEBATE_STATES[debate.state]}</span></p>
<div class="pair">${debate.positions.map(
    ({ id, name, holds, by, expects, cites }) => html`<div class="card" id="position-${id}"><h3>${name}</h3>
${heldBy(by)}<p>${citations.said(holds, cites)}</p>
${
  expects !== undefined &&
  html`<p><span class="soft">It would have us see:</span> ${expects}</p>
`
}${citations.quotes(cites)}</div>
`,
  )}</div>
${
  debate.note !== undefined &&
  html`<p>${debate.note}</p>
`
}`;
}

function stepItem({ site, path, claim, citations }: Context, index: number): Html {
  const step = claim.escalation[index];
  if (!step) return html``;
  const { id, text, state, techniques, hazard, affordance, claim: told, cites } = step;
  const before = stepsBefore(claim, index);
  const notes = [
    html`${titleOf(state)}: ${STEP_STATES[state]}`,
    ...(before.length > 0
      ? [
          html`after ${joined(
            before.map((one) => html`<a href="#step-${one}">${titleOf(one).toLowerCase()}</a>`),
            ', ',
          )}`,
        ]
      : []),
    ...(hazard === undefined ? [] : [html`hazard ${hazardLink(path, hazard)}`]),
    ...(affordance === undefined ? [] : [html`affordance <code>${affordance}</code>`]),
    ...techniques.map((technique) => techniqueLink(site, technique)),
    ...(told === undefined ? [] : [html`told in ${claimLink(site, path, told)}`]),
  ];
  return html`<li id="step-${id}"><strong>${titleOf(id)}.</strong> ${citations.said(text, cites)}
<div class="meta">${joined(notes, ' · ')}</div>
${citations.quotes(cites)}</li>
`;
}

export function escalation(context: Context): Html | undefined {
  const { claim } = context;
  if (claim.escalation.length === 0) return undefined;
  return html`${drawEscalation(claim, 'steps')}<ol class="steps" id="steps">${claim.escalation.map((_step, index) => stepItem(context, index))}</ol>
`;
}

/** What a counterargument attacks, where it is not the claim itself. */
function target({ claim }: Context, against: string): Html | false {
  if (against === 'claim') return false;
  const position = claim.debate?.positions.find(({ id }) => id === against);
  return position
    ? html` · against <a href="#position-${against}">${position.name}</a>`
    : html` · against the step <a href="#step-${against}">${titleOf(against).toLowerCase()}</a>`;
}

export function counterarguments(context: Context): Html | undefined {
  const { claim, citations } = context;
  if (claim.counterarguments.length === 0) return undefined;
  return html`${claim.counterarguments.map(
    ({
      id,
      text,
      by,
      against,
      strength,
      state,
      cites,
      response,
    }) => html`<div class="pair" id="counterargument-${id}">
<div class="card objection"><h3>${titleOf(id)}</h3>
<p class="meta">${badge(`${titleOf(strength)}, if right`, strength === 'strong' ? 'orange' : 'grey')} ${STRENGTHS[strength]}${target(context, against)}</p>
${heldBy(by)}<p>${citations.said(text, cites)}</p>
${citations.quotes(cites)}</div>
<div class="card answer"><h3>${state === 'conceded' ? 'Conceded' : state === 'answered' ? 'Response' : response ? 'Open; a reply' : 'Open'}</h3>
<p class="meta">${badge(titleOf(state), state === 'answered' ? 'green' : state === 'open' ? 'amber' : 'violet')} ${COUNTER_STATES[state]}</p>
${
  response &&
  html`${heldBy(response.by)}<p>${citations.said(response.text, response.cites)}</p>
${citations.quotes(response.cites)}`
}</div>
</div>
`,
  )}`;
}

export function contradictions({ claim, citations }: Context): Html | undefined {
  if (claim.contradictions.length === 0) return undefined;
  const side = (
    name: string,
    said: { text: string; cite: Cite },
  ): Html => html`<div class="card"><p class="meta">${name}</p>
<p>${citations.said(said.text, [said.cite])}</p>
${citations.quotes([said.cite])}</div>
`;
  return html`${claim.contradictions.map(
    ({ id, about, says, against, state, finding }) => html`<div id="contradiction-${id}"><h3>${about}</h3>
<div class="pair">${side('One source', says)}${side('Another', against)}</div>
<p>${badge(titleOf(state), state === 'resolved' ? 'green' : 'amber')} <span class="meta">${CONTRADICTION_STATES[state]}.</span> ${finding}</p></div>
`,
  )}`;
}
