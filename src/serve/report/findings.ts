/**
 * What rules found, what was refused, and the events that show it.
 *
 * @module
 */
import { FINDING_LEVELS } from '../../contract/index.ts';
import { type Html, html } from '../../evidence/html/index.ts';
import { BOUNDS } from './bounds.ts';
import type { Gathered, Seen } from './gather.ts';
import { WEIGHT_COLOURS, weightOfLevel } from './kinds.ts';
import {
  badge,
  eventLink,
  eventLinks,
  foreign,
  notAll,
  plural,
  preformatted,
  type Section,
  table,
} from './parts.ts';

/** A finding, and what it says at the end of a run of how often it was seen again. */
interface Found {
  first: Seen<'finding'>;
  again: Seen<'finding'>[];
}

/** Ends the text of a finding that was seen again (`src/watch/engine`). */
const AGAIN = ' (again)';

/** What was seen again stands with what was seen first, where that says the same and weighs as much. */
function grouped(findings: readonly Seen<'finding'>[]): Found[] {
  const groups = new Map<string, Found>();
  const found: Found[] = [];
  for (const finding of findings) {
    const { rule, text, level, count } = finding;
    const isAgain = count !== undefined && typeof text === 'string' && text.endsWith(AGAIN);
    const known = isAgain
      ? groups.get(JSON.stringify([rule, text.slice(0, -AGAIN.length), level]))
      : undefined;
    if (known) {
      known.again.push(finding);
      continue;
    }
    const group = { first: finding, again: [] };
    found.push(group);
    const key = JSON.stringify([rule, text, level]);
    if (!groups.has(key)) groups.set(key, group);
  }
  return found;
}

function againLine({ seq, count, cites }: Seen<'finding'>): Html {
  return html`<p class="evidence"><span class="soft">Seen again ${plural(Number(count) || 0, 'time')}: finding</span> ${eventLink(seq)} <span class="soft">shown by</span> ${eventLinks(cites)}</p>
`;
}

function findingItem({ first: finding, again }: Found): Html {
  const {
    seq,
    rule,
    hazard,
    level,
    text,
    cites,
    response,
    clause,
    turn,
    call,
    pid,
    count,
    diff,
    techniques,
  } = finding;
  const cause = [
    ...(turn === undefined ? [] : [`turn ${turn}`]),
    ...(call === undefined ? [] : [`tool call ${call}`]),
    ...(pid === undefined ? [] : [`process ${pid}`]),
  ];
  const weight = weightOfLevel(level);
  return html`<li class="finding ${WEIGHT_COLOURS[weight]}">
<h3>${badge(String(level ?? 'no level').slice(0, 20), WEIGHT_COLOURS[weight])} ${foreign(text, 700)}</h3>
<p class="meta"><code>${foreign(rule, 120)}</code> · ${foreign(hazard, 60)}${Array.isArray(techniques) && techniques.length > 0 && html` · ${foreign(techniques.join(', '), 120)}`}${clause !== undefined && html` · contract: <code>${foreign(clause, 120)}</code>`}${count !== undefined && html` · seen ${plural(Number(count) || 0, 'more time')}`}${response !== undefined && html` · answer: <strong>${foreign(response, 40)}</strong>`}</p>
<p class="evidence"><span class="soft">Finding</span> ${eventLink(seq)} <span class="soft">shown by</span> ${eventLinks(cites)}${cause.length > 0 ? html`<span class="soft">caused by</span> ${foreign(cause.join(', '), 300)}` : html`<span class="soft">its cause is not known</span>`}</p>
${again.map(againLine)}${
  diff !== undefined &&
  html`<details class="more"><summary>What changed</summary>${preformatted(diff, 8_000)}</details>
`
}</li>
`;
}

/** One whose level is none stands with the high ones: unknown is not harmless. */
const rankOf = ({ first: { level = 'high' } }: Found): number =>
  FINDING_LEVELS.indexOf(FINDING_LEVELS.includes(level) ? level : 'high');

/** The worst first; among equals, as they came. */
export function findingsSection(run: string, gathered: Gathered): Section {
  const all = grouped(gathered.list('finding')).sort(
    (one, other) => rankOf(other) - rankOf(one) || one.first.seq - other.first.seq,
  );
  const shown = all.slice(0, BOUNDS.findings);
  const listed = shown.reduce((sum, { again }) => sum + 1 + again.length, 0);
  const there = gathered.count('finding');
  return {
    id: 'findings',
    title: 'Findings',
    count: there,
    body:
      there === 0
        ? html`<p>No rule found anything. That is no proof that nothing happened: <a href="#unknown">what could not be seen or attributed</a>.</p>
`
        : html`<p class="meta">The worst first; what was seen again stands with what was seen first. Numbers are events: choose one to see it in the list.</p>
<ol class="findings">${shown.slice(0, BOUNDS.first).map(findingItem)}</ol>
${
  shown.length > BOUNDS.first &&
  html`<details class="more"><summary>${plural(shown.length - BOUNDS.first, 'more finding')}</summary>
<ol class="findings" start="${BOUNDS.first + 1}">${shown.slice(BOUNDS.first).map(findingItem)}</ol></details>
`
}${notAll(listed, there, 'finding', `log show --kind finding ${run}`)}`,
  };
}

/** What was refused, equal things once. */
function denialRows(gathered: Gathered): { rows: (Html | string | number)[][]; groups: number } {
  const groups = new Map<string, { first: Seen<'denial'>; count: number; seqs: number[] }>();
  for (const denial of gathered.list('denial')) {
    const key = `${denial.layer}\0${denial.what}`;
    const group = groups.get(key) ?? { first: denial, count: 0, seqs: [] };
    group.count += Number(denial.count) || 1;
    group.seqs.push(denial.seq);
    groups.set(key, group);
  }
  const rows = [...groups.values()]
    .sort((one, other) => other.count - one.count)
    .slice(0, BOUNDS.rows)
    .map(({ first, count, seqs }) => [
      foreign(first.layer, 40),
      foreign(first.what, 400),
      count.toLocaleString('en'),
      first.clause === undefined ? '' : html`<code>${foreign(first.clause, 120)}</code>`,
      eventLinks(seqs, 3),
    ]);
  return { rows, groups: groups.size };
}

export function refusedSection(run: string, gathered: Gathered): Section {
  const broken = [...gathered.list('violation'), ...gathered.list('tampering')].sort(
    (one, other) => one.seq - other.seq,
  );
  const denials = denialRows(gathered);
  const unlisted = gathered.unlisted.get('denial') ?? 0;
  const wrong = gathered.count('violation') + gathered.count('tampering');
  const limits = gathered.list('limit.reached');
  return {
    id: 'refused',
    title: 'Refused and broken',
    count: gathered.refused + wrong,
    body: html`${
      broken.length > 0 &&
      html`<h3>Violations and tampering</h3>
${table(
  'Violations and tampering',
  ['#Event', 'What', 'What was done', 'Contract'],
  broken
    .slice(0, BOUNDS.rows)
    .map((event) => [
      eventLink(event.seq),
      html`${badge(event.kind, 'red')} ${foreign(event.what, 400)}`,
      foreign(event.action, 200),
      event.kind === 'violation' && event.clause !== undefined ? foreign(event.clause, 120) : '',
    ]),
)}${notAll(Math.min(broken.length, BOUNDS.rows), wrong, 'violation', `log show --denied ${run}`)}`
    }${
      denials.rows.length > 0
        ? html`<h3>Refused</h3>
${table('What was refused', ['By', 'What', '#Times', 'Contract', 'Events'], denials.rows)}${
  denials.groups > denials.rows.length || unlisted > 0
    ? html`<p class="meta left-out">What was refused most often is listed; ${(denials.groups - denials.rows.length).toLocaleString('en')} other things${unlisted > 0 && html`, and ${plural(unlisted, 'refusal')} beyond those that were looked at,`} are not. All: <code>ringfence log show --kind denial ${run}</code></p>
`
    : ''
}`
        : html`<p>Nothing was refused.</p>
`
    }${
      limits.length > 0 &&
      html`<h3>Limits that were reached</h3>
${table(
  'Limits',
  ['#Event', 'Limit', '#Used', '#At most', 'What was done'],
  limits
    .slice(0, BOUNDS.rows)
    .map(({ seq, limit, used, max, action }) => [
      eventLink(seq),
      foreign(limit, 60),
      foreign(used, 30),
      foreign(max, 30),
      foreign(action, 200),
    ]),
)}${notAll(Math.min(limits.length, BOUNDS.rows), gathered.count('limit.reached'), 'limit', `log show --kind limit.reached ${run}`)}`
    }`,
  };
}
