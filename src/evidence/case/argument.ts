/**
 * The argument for one hazard, as a tree that opens.
 *
 * @module
 */
import { type Html, html, joined } from '../html/index.ts';
import { commandsOf } from './build.ts';
import { minuteOf } from './links.ts';
import { badge, colourOf, commandHtml, linkAnchor, text } from './parts.ts';
import type { CaseStep, HazardCase, Link } from './schema.ts';
import { plural } from './words.ts';

const SIGN = { holds: '✓', open: '!', unknown: '?' } as const;
const SAID = { holds: 'holds', open: 'does not hold', unknown: 'unknown' } as const;
/** More details than these are behind a line that opens. */
const SHOWN = 4;

const CALLED: Readonly<Record<CaseStep['kind'], string>> = {
  model: 'The path',
  layers: 'Layers',
  effective: 'What was read back',
  tried: 'Attempts',
  accepted: 'Why',
};

function details(lines: readonly string[], kind: CaseStep['kind']): Html | undefined {
  if (lines.length === 0) return undefined;
  const list = html`<ul>${lines.map((line) => html`<li>${text(line)}</li>`)}</ul>`;
  return lines.length <= SHOWN
    ? list
    : html`<details><summary>${CALLED[kind]}: ${plural(lines.length, 'line')}</summary>${list}</details>`;
}

function evidence(step: CaseStep, links: ReadonlyMap<string, Link>): Html | undefined {
  const found = step.links.flatMap((id) => links.get(id) ?? []).filter(({ state }) => state !== 'missing');
  if (found.length === 0) return undefined;
  const items = found.map(
    ({ id, title, state, made = '', sha256 = '' }) =>
      html`<a href="#${linkAnchor(id)}">${title}</a> (${state}, ${minuteOf(made)}, <code class="hex">${sha256.slice(0, 12)}</code>)`,
  );
  return html`<p class="meta">Evidence: ${joined(items, ', ')}</p>`;
}

const stepHtml = (step: CaseStep, links: ReadonlyMap<string, Link>): Html =>
  html`<li class="${step.state}"><span class="sign" role="img" aria-label="${SAID[step.state]}">${SIGN[step.state]}</span><p>${text(step.text)}</p>${details(step.details, step.kind)}${evidence(step, links)}</li>
`;

const list = (title: string, lines: readonly Html[]): Html | undefined =>
  lines.length === 0
    ? undefined
    : html`<h4>${title}</h4>
<ul class="left">${lines.map((line) => html`<li>${line}</li>`)}</ul>
`;

export function argumentHtml(hazard: HazardCase, all: readonly Link[]): Html {
  const links = new Map(all.map((link) => [link.id, link]));
  const { problems, gaps, argument, residual, claims, rests } = hazard;
  const open = problems.length > 0;
  const body = html`<summary><h3>${hazard.hazard}</h3>${badge(hazard)}<span class="goal">${hazard.goal}</span></summary>
<div class="inside">
${
  open &&
  html`<ul class="red-list">${problems.map(({ text: said, command }) => html`<li><p>${text(said)}</p>${command ? commandHtml(command) : undefined}</li>`)}</ul>
`
}<ol class="tree">
${argument.map((step) => stepHtml(step, links))}</ol>
${list('What it rests on', rests.map(text))}${list('What is left', residual.map(text))}${list(
  'Not known',
  gaps.length === 0
    ? []
    : [html`${text(gaps.map(({ text: said }) => said).join('; '))}${commandsOf(gaps).map(commandHtml)}`],
)}${list(
  'What is known of AI systems',
  [...Map.groupBy(claims, ({ status, coverage }) => `${status}; coverage ${coverage}`)].map(
    ([known, group]) =>
      html`<span class="meta">${known}</span><ul>${group.map(({ id, title }) => html`<li>${text(title)} <span class="meta">${id}</span></li>`)}</ul>`,
  ),
)}</div>`;
  return html`<details class="hazard ${colourOf(hazard)}" id="${hazard.hazard}">
${body}
</details>
`;
}
