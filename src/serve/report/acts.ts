/**
 * What was done: processes as a tree, flows, and the list of events with its timeline.
 *
 * @module
 */
import { type Html, html, toText } from '../../evidence/html/index.ts';
import { BOUNDS } from './bounds.ts';
import type { FlowRow } from './flows.ts';
import type { Gathered } from './gather.ts';
import { LANES, WEIGHT_COLOURS } from './kinds.ts';
import {
  badge,
  bytes,
  eventLink,
  foreign,
  notAll,
  plural,
  type Section,
  sinceBegin,
  table,
} from './parts.ts';
import type { ProcessRow } from './processes.ts';

const more = (shown: number, all: number, what: string, command: string): Html | false =>
  all > shown &&
  html`<p class="meta static">The first ${shown.toLocaleString('en')} of ${plural(all, what)} are here as text; the rest needs the page’s script, or <code>${command}</code>.</p>
`;

export function processesSection(run: string, all: number, rows: readonly ProcessRow[]): Section {
  const shown = rows.slice(0, BOUNDS.rows);
  const item = ({ pid, depth, text, exit, seq, call, by, from }: ProcessRow): Html =>
    html`<li class="d${Math.min(depth, 20)}"><span class="pid">${pid}</span> <code>${foreign(text, 300)}</code> <span class="meta">${sinceBegin(from)}${exit !== '' && html`, ${exit}`}${call !== '' && html`, by ${foreign(call, 80)}${by !== '' && html` (${by})`}`}</span>${seq !== undefined && html` ${eventLink(seq)}`}</li>
`;
  return {
    id: 'processes',
    title: 'Processes',
    count: all,
    body:
      all === 0
        ? html`<p>No process is on record.</p>
`
        : html`<p class="meta">Each below the one that started it, with the tool call that caused it where that is known.<span class="with-script"> Left and right fold and unfold; Enter, or a double click, shows the event.</span></p>
<div id="process-list"></div>
<ol class="tree static">${shown.map(item)}</ol>
${notAll(rows.length, all, 'process', `log show --kind process.exec ${run}`)}${more(shown.length, rows.length, 'process', `ringfence log show --kind process.exec ${run}`)}`,
  };
}

function flowCells(flow: FlowRow): (Html | string | number)[] {
  const { seq, id, host, place, pid, program, protocol, declared, ok, shape, sent, received, requests } =
    flow;
  return [
    html`${eventLink(seq)} <span class="meta">${id}</span>`,
    html`${host !== '' && html`<strong>${foreign(host, 255)}</strong> `}<span class="meta">${foreign(place, 80)}</span>`,
    pid === undefined ? 'not known' : html`${pid} <span class="meta">${foreign(program, 120)}</span>`,
    html`${protocol === '' ? 'none seen' : foreign(protocol, 60)}${declared !== '' && declared !== protocol && html` <span class="meta">declared ${foreign(declared, 40)}</span>`} ${ok === false && badge('violation', 'red')}${shape !== '' && html` ${badge(shape, 'violet')}`}`,
    bytes(sent),
    bytes(received),
    requests === 0 ? '' : requests,
    sinceBegin(flow.from),
  ];
}

export function flowsSection(run: string, { flows }: Gathered): Section {
  const shown = flows.rows.slice(0, BOUNDS.rows);
  return {
    id: 'flows',
    title: 'Flows',
    count: flows.all,
    body:
      flows.all === 0
        ? html`<p>Nothing left the cell: no flow is on record.</p>
`
        : html`<div id="flow-list"></div>
${table('Flows', ['Event', 'Where to', 'Process', 'Protocol', '#Sent', '#Received', '#Requests', '#At'], shown.map(flowCells), 'static')}${notAll(flows.rows.length, flows.all, 'flow', `log show --kind flow.open ${run}`)}${more(shown.length, flows.rows.length, 'flow', `ringfence log show --kind flow.open ${run}`)}`,
  };
}

/** Numbers of events to which a part of the page leads. */
export const linkedIn = (body: Html): number[] =>
  [...toText(body).matchAll(/ href="#event-(\d+)"/g)].map(([, seq]) => Number(seq));

/** Rows for those who have no script, and for paper: the first, those that matter up to a bound, and all to which the page leads. */
function staticRows(gathered: Gathered, linked: ReadonlySet<number>): number[] {
  const { seq, weight } = gathered.columns;
  const rows: number[] = [];
  let heavy = 0;
  for (let index = 0; index < seq.length; index += 1) {
    const matters = (weight[index] as number) >= 2 && heavy < BOUNDS.rows;
    if (index >= BOUNDS.rows && matters) heavy += 1;
    if (index < BOUNDS.rows || matters || linked.has(seq[index] as number)) rows.push(index);
  }
  return rows;
}

/** @param linked numbers of events to which other parts of the page lead */
export function eventsSection(run: string, gathered: Gathered, linked: ReadonlySet<number>): Section {
  const { columns, events } = gathered;
  const rows = staticRows(gathered, linked);
  const absent = [...linked].filter((seq) => !gathered.has(seq)).sort((one, other) => one - other);
  const left = events - columns.seq.length;
  const row = (index: number): Html => {
    const weight = columns.weight[index] as 0 | 1 | 2 | 3;
    return html`<tr id="event-${columns.seq[index] as number}" class="${WEIGHT_COLOURS[weight]}"><td class="n">${columns.seq[index]}</td><td class="n">${sinceBegin(columns.time[index] as number)}</td><td class="kind">${foreign(columns.kind[index], 40)}</td><td>${foreign(columns.text[index], 400)}</td></tr>
`;
  };
  return {
    id: 'events',
    title: 'Timeline and events',
    count: events,
    body: html`<div id="timeline"></div>
<div id="event-tools" class="tools" role="search" aria-label="Narrow the list of events" hidden>
<label class="find">Find <input type="search" id="find" placeholder="words, a kind, a process" autocomplete="off" spellcheck="false"></label>
<div class="lanes" role="group" aria-label="Lanes">${LANES.map((lane, index) => html`<label><input type="checkbox" name="lane" value="${index}" checked> ${lane}</label>`)}</div>
<label><input type="checkbox" id="notable"> only what matters</label>
<label><input type="checkbox" id="in-view"> only the time that the timeline shows</label>
<label><input type="checkbox" id="plain"> as a plain table</label>
<button type="button" id="all-events">Show all</button>
</div>
<p class="count" id="event-count" role="status"></p>
<div class="with-detail"><div id="event-list"></div><div id="event-detail" role="region" aria-label="The chosen event" tabindex="-1" hidden></div></div>
<div class="scroll static" tabindex="0" role="region" aria-label="Events"><table>
<thead><tr><th scope="col" class="n">Event</th><th scope="col" class="n">At</th><th scope="col">Kind</th><th scope="col">What</th></tr></thead>
<tbody>
${rows.map(row)}${absent.map(
  (
    seq,
  ) => html`<tr id="event-${seq}"><td class="n">${seq}</td><td></td><td></td><td>not in this page: <code>ringfence log show ${run}</code></td></tr>
`,
)}</tbody></table></div>
${
  columns.seq.length > rows.length &&
  html`<p class="meta static">Without its script the page shows the first ${Math.min(BOUNDS.rows, columns.seq.length)} events, and those that matter or to which something in it leads. All: <code>ringfence log show ${run}</code></p>
`
}${
  left > 0 &&
  html`<p class="warning">${plural(left, 'event')} in the middle of this long run ${left === 1 ? 'is' : 'are'} not in this page, but for those that matter: <code>ringfence log show ${run}</code></p>
`
}`,
  };
}
