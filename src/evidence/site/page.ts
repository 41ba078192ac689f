/**
 * What every page has: its head, the way around, and what may run in it.
 *
 * @module
 */
import { type Html, hashOf, html, ICON, toText, trusted } from '../html/index.ts';
import { linkFrom, PLACES, type Site, type SiteFile } from './site.ts';
import { STYLE } from './style.ts';

export interface Page {
  path: string;
  title: string;
  /** a sentence for those who list pages */
  description: string;
  body: Html;
  /** the text of the only script that may run */
  script?: string | undefined;
  /** markup of the head that this page alone has */
  head?: Html | undefined;
}

const STYLE_HASH = hashOf(STYLE);

/**
 * Nothing loads but what is named: our style and script by their hashes, which hold on pages opened from a file, too, and the
 * file of search texts that lies beside them.
 */
const policy = (script: string | undefined): string =>
  [
    "default-src 'none'",
    'img-src data:',
    `style-src ${STYLE_HASH}`,
    ...(script === undefined ? [] : [`script-src 'self' ${hashOf(script)}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const NAVIGATION = [
  ['Claims', PLACES.index],
  ['Hazards', PLACES.hazards],
  ['Sources', PLACES.sources],
  ['About', PLACES.about],
] as const;

export function pageFile(site: Site, page: Page): SiteFile {
  const { address } = site;
  const to = (target: string): string => linkFrom(page.path, target);
  const canonical = address && `${address}/${page.path === PLACES.index ? '' : page.path}`;
  const full = page.path === PLACES.index ? page.title : `${page.title} · Ringfence evidence base`;
  const text = toText(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy(page.script).replaceAll('"', '&quot;'))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${full}</title>
<meta name="description" content="${page.description}">
<meta name="generator" content="ringfence evidence export">
<link rel="icon" href="${trusted(ICON)}">
${
  canonical &&
  html`<link rel="canonical" href="${canonical}">
<link rel="alternate" type="application/atom+xml" title="Changes to claims" href="${`${address}/${PLACES.feed}`}">
`
}<style>${trusted(STYLE)}</style>
${page.head}</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="bar"><div class="wrap">
<a class="brand" href="${to(PLACES.index)}">Ringfence evidence base</a>
<nav aria-label="Site"><ul>${NAVIGATION.map(
    ([name, target]) =>
      html`<li><a href="${to(target)}"${target === page.path && trusted(' aria-current="page"')}>${name}</a></li>`,
  )}</ul></nav>
</div></header>
<main id="content" tabindex="-1"><div class="wrap">
${page.body}
</div></main>
<footer class="foot"><div class="wrap">
<p>Statuses are derived from what the claims state, as of ${site.today}: <a href="${to(PLACES.about)}">how</a>.</p>
<p class="no-print">The whole base: <a href="${to(PLACES.json)}">JSON</a>, <a href="${to(PLACES.csv)}">CSV</a>, <a href="${to(PLACES.stix)}">STIX 2.1</a>, <a href="${to(PLACES.feed)}">Atom feed</a>, <a href="${to(PLACES.bibtex)}">BibTeX of the sources</a>.</p>
</div></footer>
${
  page.script !== undefined &&
  html`<script>${trusted(page.script)}</script>
`
}</body>
</html>
`);
  return { path: page.path, text };
}
