/**
 * The page of a run: one file that needs no server and no network, and reads without its script.
 *
 * @module
 */
import { type Html, hashOf, html, ICON, toText, trusted } from '../../evidence/html/index.ts';
import { eventsSection, flowsSection, linkedIn, processesSection } from './acts.ts';
import { embed, toScriptJson } from './embed.ts';
import { findingsSection, refusedSection } from './findings.ts';
import type { ReportInput } from './input.ts';
import {
  changesSection,
  gradeSection,
  judgementsSection,
  questionsSection,
  unknownSection,
} from './outcome.ts';
import { foreign, type Section, sectionHtml } from './parts.ts';
import { SCRIPT } from './script/index.ts';
import { STYLE } from './style.ts';
import { summarySection } from './summary.ts';

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

/** A section; where the record holds what cannot be shown (somebody edited it), the page says so and the others stand. */
function attempt(id: string, title: string, make: () => Section | undefined): Section | undefined {
  try {
    return make();
  } catch {
    const body = html`<p class="warning">The record holds something here that is not as it should be, so this part cannot be shown. <a href="#summary">What its verification says</a>.</p>
`;
    return { id, title, body };
  }
}

/** @returns the whole page, UTF-8; the same input gives the same text */
export function reportPage(input: ReportInput): string {
  const { run, gathered, made, version, transcripts } = input;
  const { written, processes } = embed(run, gathered);
  const name = gathered.start?.contract?.name ?? input.unsigned?.name ?? 'a contract that is not on record';
  const before = [
    attempt('summary', 'Summary', () => summarySection(input)),
    attempt('findings', 'Findings', () => findingsSection(run, gathered)),
  ];
  const after = [
    attempt('refused', 'Refused and broken', () => refusedSection(run, gathered)),
    attempt('processes', 'Processes', () => processesSection(run, gathered.processes.all, processes)),
    attempt('flows', 'Flows', () => flowsSection(run, gathered)),
    attempt('changes', 'Change set', () => changesSection(input)),
    attempt('grade', 'Grade', () => gradeSection(gathered)),
    attempt('judgements', 'Judgements', () => judgementsSection(run, gathered)),
    attempt('questions', 'Questions', () => questionsSection(run, gathered)),
    attempt('unknown', 'What is not known', () => unknownSection(run, gathered)),
  ];
  // last, so that each link of the others leads to a row
  const linked = new Set([...before, ...after].flatMap((section) => (section ? linkedIn(section.body) : [])));
  const events = attempt('events', 'Timeline and events', () => eventsSection(run, gathered, linked));
  const sections = [...before, events, ...after].filter((section) => section !== undefined);
  const navigation = sections.map(({ id, title }): Html => html`<li><a href="#${id}">${title}</a></li>`);
  return toText(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy())}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>Run ${run}</title>
<meta name="generator" content="ringfence report">
<link rel="icon" href="${trusted(ICON)}">
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="bar"><div class="wrap"><strong>Ringfence</strong><nav aria-label="Sections"><ul>${navigation}</ul></nav></div></header>
<main id="content" tabindex="-1"><div class="wrap">
<h1>Run ${run}</h1>
<p class="lead">In contract ${foreign(name, 120)}</p>
${sections.map(sectionHtml)}</div></main>
<footer class="foot"><div class="wrap">
<p>Made by Ringfence ${version} on ${made} from the record of the run. Secrets were taken out before anything was recorded; ${transcripts ? 'what was said to models, tools and people is in this page because it was asked for' : 'what was said to models, tools and people is not in this page'}. This page is a copy: the record is what is signed.</p>
</div></footer>
<script type="application/json" id="data">${trusted(toScriptJson(written))}</script>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`);
}
