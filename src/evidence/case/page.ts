/**
 * The page of a safety case: one file that needs no server and no network, and reads without its script.
 *
 * @module
 */
import { type Html, hashOf, html, ICON, toText, trusted } from '../html/index.ts';
import { argumentHtml } from './argument.ts';
import { type Red, redGroups } from './build.ts';
import { minuteOf } from './links.ts';
import { badge, type Colour, colourOf, commandHtml, linkAnchor, standingWord, text } from './parts.ts';
import { acceptLines, toldTogether } from './remedy.ts';
import type { HazardCase, Link, SafetyCase } from './schema.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { percent, plural } from './words.ts';

/** Nothing loads and nothing runs but our own style and script, and no text becomes markup (Trusted Types). */
const policy = (): string =>
  [
    "default-src 'none'",
    'img-src data:',
    `style-src ${hashOf(STYLE)}`,
    `script-src ${hashOf(SCRIPT)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const VERDICTS = {
  supported: 'Supported',
  'not supported': 'Not supported',
  damaged: 'Evidence is damaged',
} as const satisfies Record<SafetyCase['verdict'], string>;

/** What the verdict is made of: how much of it somebody bears is said in the same breath. */
function verdictWords({ verdict, hazards, links }: SafetyCase): string {
  const of = (standing: HazardCase['standing']) => hazards.filter((one) => one.standing === standing).length;
  const red = hazards.filter(({ problems }) => problems.length > 0).length;
  const stale = links.filter(({ state }) => state === 'stale').length;
  const said =
    verdict === 'supported'
      ? [
          ...(['proved', 'watched', 'accepted'] as const).flatMap((standing) =>
            of(standing) === 0 ? [] : [`${of(standing)} of ${hazards.length} hazards ${standing}`],
          ),
          'all evidence is fresh',
        ]
      : [
          ...(red > 0 ? [`${red} of ${hazards.length} hazards ${red === 1 ? 'is' : 'are'} red`] : []),
          ...(stale > 0 ? [`${plural(stale, 'link')} of evidence ${stale === 1 ? 'is' : 'are'} stale`] : []),
        ];
  return said.length === 0 ? VERDICTS[verdict] : `${VERDICTS[verdict]}: ${said.join(', ')}`;
}

/** As good as its weakest part: what somebody bears is not green. */
function verdictColour({ verdict, hazards }: SafetyCase): Colour {
  if (verdict !== 'supported') return 'red';
  return hazards.some(({ standing }) => standing === 'accepted') ? 'amber' : 'green';
}

function verdictHtml(value: SafetyCase): Html {
  const { contract, made, ringfence } = value;
  return html`<div class="verdict ${verdictColour(value)}">
<p class="word">${verdictWords(value)}.</p>
<h1>Safety case of ${text(contract.name)}</h1>
${contract.task === undefined ? undefined : html`<p class="task">“${text(contract.task)}”</p>`}
<p class="meta">Stated on ${minuteOf(made)} UTC by Ringfence ${ringfence}, about the contract <code>${contract.file}</code> (SHA-256 <code class="hex">${contract.sha256}</code>) on this machine.</p>
</div>
`;
}

const tile = (hazard: HazardCase): Html =>
  html`<li><a class="tile ${colourOf(hazard)}" href="#${hazard.hazard}">${hazard.hazard}<span>${standingWord(hazard)}</span></a></li>
`;

function redHtml(value: SafetyCase): Html | undefined {
  const groups = redGroups(value);
  if (groups.length === 0 && value.damaged.length === 0) return undefined;
  const missing = new Set(value.links.filter(({ state }) => state === 'missing').map(({ id }) => id));
  const links = new Map(value.links.map((link) => [link.id, link]));
  const digests = (reds: readonly Red[]) => {
    const [one, another] = reds;
    return another !== undefined || one?.link === undefined || missing.has(one.link)
      ? undefined
      : html` <a href="#${linkAnchor(one.link)}">digests</a>`;
  };
  const commands = groups.filter(({ command }) => command !== undefined).length;
  const bearing = (reds: readonly Red[]) => {
    const lines = reds.flatMap((one) => acceptLines(value, one));
    return lines.length === 0
      ? undefined
      : html`<p class="meta">In the contract, where somebody bears it and writes why:</p><pre class="command">${lines.map(
          (line) => html`${line}
`,
        )}</pre>`;
  };
  return html`<section aria-labelledby="red"><h2 id="red">What is red, and what makes it green</h2>
<ul class="red-list">
${value.damaged.map(
  ({
    file,
    why,
  }) => html`<li><p><code>${file}</code> does not count: ${text(why)}</p><p>Find out what happened to it; then take it away.</p></li>
`,
)}${groups.map(
  ({
    reds,
    command,
  }) => html`<li>${toldTogether(reds, links).map((told) => html`<p>${text(told.text)}${digests(told.reds)}</p>`)}${command ? commandHtml(command) : undefined}${bearing(reds)}</li>
`,
)}</ul>
${commands > 1 && html`<p class="meta">All of these commands, one after the other: ${commandHtml(['case', '--refresh', value.contract.file])}</p>`}
</section>
`;
}

function triedCell({ totals }: HazardCase): string {
  const { runs, effects, seen, effectsAtMost } = totals;
  if (runs === 0 || effectsAtMost === undefined) return 'not tried';
  return `${runs.toLocaleString('en')}×: ${plural(effects, 'effect')} (≤ ${percent(effectsAtMost)}), ${seen} seen`;
}

function hazardRow(hazard: HazardCase): Html {
  const said = (kind: string) => hazard.argument.find((step) => step.kind === kind);
  const model = { holds: 'proved', open: 'can happen', unknown: 'unknown' }[
    said('model')?.state ?? 'unknown'
  ];
  return html`<tr><td><a href="#${hazard.hazard}">${hazard.hazard}</a></td><td>${badge(hazard)}</td><td data-label="Model">${model}</td><td data-label="Layers and rules">${hazard.coverage}</td><td data-label="Tried">${triedCell(hazard)}</td></tr>
`;
}

function linkRow(link: Link): Html {
  const { id, title, state, made, sha256, about, others, changed } = link;
  const colour = state === 'fresh' ? 'green' : state === 'stale' ? 'red' : '';
  const digests = html`<details><summary>${plural(about.length + others, 'subject')}</summary><dl class="facts">
${about.map(
  ({
    name,
    sha256: digest,
    words,
  }) => html`<dt>${name}</dt><dd>${words === undefined ? undefined : html`${text(words)} `}<code class="hex">${digest}</code></dd>
`,
)}${
  others > 0 &&
  html`<dt>others</dt><dd>${plural(others, 'file')} of rules, claims and sources</dd>
`
}</dl></details>`;
  const now = changed.map(
    ({ name, was, now }) =>
      html`<p class="meta"><strong>${name}</strong> ${was === undefined ? 'was not part of it' : html`was <code class="hex">${was.slice(0, 16)}</code>`}, ${now === undefined ? 'is not here any more' : html`is <code class="hex">${now.slice(0, 16)}</code>`}</p>
`,
  );
  return html`<tr id="${linkAnchor(id)}"><td>${title}</td><td><span class="badge ${colour}">${state}</span></td><td class="n" data-label="Made">${made === undefined ? 'never' : minuteOf(made)}</td><td>${sha256 === undefined ? undefined : html`<code class="hex">${sha256.slice(0, 16)}</code> ${digests}`}${now}</td></tr>
`;
}

/** @returns the whole page, UTF-8; the same case gives the same text */
export function casePage(value: SafetyCase): string {
  const { contract, hazards, links, rests, coversNot, made, ringfence } = value;
  const there = links.filter(({ state }) => state !== 'missing');
  const never = links.filter(({ state }) => state === 'missing');
  return toText(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy())}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>Safety case: ${[...contract.name].slice(0, 50).join('')}</title>
<meta name="generator" content="ringfence case">
<link rel="icon" href="${trusted(ICON)}">
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="bar"><div class="wrap"><strong class="brand">Ringfence</strong><nav aria-label="Sections"><ul><li><a href="#hazards">Hazards</a></li><li><a href="#arguments">Arguments</a></li><li><a href="#evidence">Evidence</a></li><li><a href="#rests">What it rests on</a></li></ul></nav></div></header>
<main id="content" tabindex="-1"><div class="wrap">
${verdictHtml(value)}<ul class="tiles" aria-label="Hazards by what supports them">
${hazards.map(tile)}</ul>
${redHtml(value)}<section aria-labelledby="hazards"><h2 id="hazards">Hazards</h2>
<table class="hazards"><thead><tr><th scope="col">Hazard</th><th scope="col">Support</th><th scope="col">Model</th><th scope="col">Layers and rules</th><th scope="col">Tried</th></tr></thead>
<tbody>
${hazards.map(hazardRow)}</tbody></table>
<p class="meta"><strong>Proved</strong>: it cannot happen in the model, and a run read back what the proof rests on. <strong>Watched</strong>: not proved; every attempt was contained and seen, as measured. <strong>Accepted</strong>: neither; somebody bears it, with a reason. Attempts were made in the scenarios’ own contracts, not in this one; ≤ is the highest rate that they still allow (one-sided, 95 %, Clopper and Pearson).</p>
</section>
<section aria-labelledby="arguments"><h2 id="arguments">Arguments</h2>
<p class="tools" hidden><button type="button" id="all">Open all</button></p>
${hazards.map((hazard) => argumentHtml(hazard, links))}</section>
<section aria-labelledby="evidence"><h2 id="evidence">Evidence</h2>
<table class="hazards links"><thead><tr><th scope="col">What</th><th scope="col">State</th><th scope="col">Made (UTC)</th><th scope="col">Digest, and what it is about</th></tr></thead>
<tbody>
${there.map(linkRow)}</tbody></table>
${
  never.length > 0 &&
  html`<p class="meta">Never made here: ${never.map(({ title }) => title.replace(/^the attempt /, '')).join(', ')}.</p>
`
}</section>
<section aria-labelledby="rests"><h2 id="rests">What all of it rests on</h2>
<ul>
${rests.map(
  (one) => html`<li>${text(one.text)}</li>
`,
)}</ul>
<h3>No proof covers</h3>
<ul>
${coversNot.map(
  (one) => html`<li>${one}</li>
`,
)}</ul>
</section>
</div></main>
<footer class="foot"><div class="wrap"><p>Stated by Ringfence ${ringfence} on ${made}. This page is a copy: what counts are the signed statements, and <code>ringfence case</code> states it again from what is here.</p></div></footer>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`);
}
