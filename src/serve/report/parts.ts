/**
 * Small parts that several sections of the page share.
 *
 * @module
 */
import { type Html, html, trusted } from '../../evidence/html/index.ts';
import { bounded, boundedLines } from './bounds.ts';

/** A word in a coloured pill; the colour says nothing that the word does not. */
export const badge = (text: string, colour: string): Html =>
  html`<span class="badge ${colour}">${text}</span>`;

export interface Section {
  id: string;
  title: string;
  /** how many there are, beside the title in the list of sections */
  count?: number;
  body: Html;
}

export const sectionHtml = ({ id, title, body }: Section): Html => html`<section id="${id}">
<h2>${title}</h2>
${body}</section>
`;

/** A table that scrolls by itself where it is wider than the page. `heads` that begin with `#` are of numbers. */
export function table(
  label: string,
  heads: readonly string[],
  rows: readonly (readonly (Html | string | number)[])[],
  classes = '',
): Html {
  const isNumber = heads.map((head) => head.startsWith('#'));
  const classOf = (column: number): Html | false => isNumber[column] === true && trusted(' class="n"');
  return html`<div class="scroll ${classes}" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${heads.map((head, column) => html`<th scope="col"${classOf(column)}>${head.replace(/^#/, '')}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (cells) => html`<tr>${cells.map((cell, column) => html`<td${classOf(column)}>${cell}</td>`)}</tr>
`,
)}</tbody></table></div>
`;
}

/** A link to an event: the script shows it in the list, and without a script the row is there where it has one. */
export const eventLink = (seq: number): Html => html`<a href="#event-${seq}" class="event">${seq}</a>`;

/** Numbers of events as links, the first ones. */
export function eventLinks(seqs: unknown, most = 12): Html {
  const all = Array.isArray(seqs) ? seqs.filter((seq): seq is number => Number.isSafeInteger(seq)) : [];
  const more = all.length - most;
  return html`${all.slice(0, most).map((seq) => html`${eventLink(seq)} `)}${more > 0 && `and ${more.toLocaleString('en')} more `}`;
}

/** Text from elsewhere: isolated from what stands beside it, so that letters of another direction move nothing. */
export const foreign = (text: unknown, most = 500): Html => html`<bdi>${bounded(text, most)}</bdi>`;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** 1536 → `1.5 kB`, in steps of a thousand. */
export function bytes(count: number | undefined): string {
  if (count === undefined || !Number.isFinite(count)) return '';
  let [value, unit] = [count, 0];
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

/** Microseconds since the beginning: `1.234 s`, `2:03.5`, `1:02:03`. */
export function sinceBegin(micros: number): string {
  const seconds = micros / 1e6;
  if (seconds < 60) return `${seconds.toFixed(3)} s`;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export const plural = (
  count: number,
  one: string,
  many = one.endsWith('s') ? `${one}es` : `${one}s`,
): string => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** Where not all are listed: how many are, and what prints the rest. Nothing where all are. */
export const notAll = (shown: number, all: number, what: string, command: string): Html | false =>
  all > shown &&
  html`<p class="meta left-out">${shown.toLocaleString('en')} of ${plural(all, what)} are listed here. All: <code>ringfence ${command}</code></p>
`;

/** Text of several lines as it is, bounded. */
export const preformatted = (text: unknown, most: number): Html =>
  html`<pre tabindex="0"><code>${trusted(
    boundedLines(text, most)
      .split('\n')
      .map((line) => line.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`))
      .join('\n'),
  )}</code></pre>`;
