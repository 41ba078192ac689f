/**
 * How much of a run goes into a page. What is left out is said where it would stand.
 *
 * @module
 */
import { printable } from '../../contract/index.ts';

export const BOUNDS = {
  /** events: the first and the last, what matters and what findings cite among the rest */
  events: 200_000,
  /** of those in between, so many are kept because they matter */
  kept: 20_000,
  /** characters of what events say, all together; each has its share, from `least` to `most`, and when all is spent, `least` */
  texts: 24_000_000,
  least: 240,
  most: 2_000,
  /** rows that stand in the page as HTML, so that they can be read without a script, and on paper */
  rows: 300,
  findings: 500,
  /** events of a kind that are kept to be listed one by one; what is wrong has as much room again, which nothing else can fill */
  listed: 5_000,
  /** characters of a text, and things of a list, in what is kept so */
  listedText: 8_000,
  listedThings: 300,
  /** events that findings cite, all together, and of one finding */
  allCited: 200_000,
  cited: 200,
  /** findings that are seen without opening the list of the others */
  first: 25,
  processes: 50_000,
  /** characters of their programs, all together */
  programs: 6_000_000,
  flows: 20_000,
  changes: 2_000,
  /** characters of one thing that was said to a model or by it, and of all of them */
  said: 8_000,
  allSaid: 16_000_000,
  /** samples of what was used, and spans on the timeline */
  samples: 20_000,
  spans: 20_000,
} as const;

/** Also without towers of combining marks, which would paint over what stands above and below. */
const plain = (text: string): string => printable(text).replace(/(\p{M}{4})\p{M}+/gu, '$1…');

/** Text that only prints, at most so long; a cut is marked. Cut before it is escaped: ten megabytes are not looked through. */
export function bounded(text: unknown, most: number = BOUNDS.most): string {
  const whole = typeof text === 'string' ? text : (JSON.stringify(text) ?? String(text));
  const shown = plain(whole.slice(0, most + 1));
  return shown.length <= most ? shown : `${shown.slice(0, most)}…`;
}

/** The same for text of several lines, whose lines stay. */
export function boundedLines(text: unknown, most: number): string {
  const whole = typeof text === 'string' ? text : (JSON.stringify(text) ?? String(text));
  const shown = whole
    .slice(0, most + 1)
    .split('\n')
    .map((line) => plain(line))
    .join('\n');
  return shown.length <= most ? shown : `${shown.slice(0, most)}…`;
}

/** What one of so many may say, where all together may say `texts`. */
export const shareOf = (many: number, texts: number, least: number, most: number): number =>
  Math.max(least, Math.min(most, Math.floor(texts / Math.max(1, many))));

/**
 * A copy of what a record holds, no longer than a page shows: five thousand records of a megabyte each are not kept. The cut of a
 * text is one character longer than what is shown of it, so that it is marked there.
 */
export function slim(value: unknown, depth = 6): unknown {
  // a copy: what is sliced from a long text keeps the whole of it in memory
  if (typeof value === 'string')
    return value.length <= BOUNDS.listedText ? value : structuredClone(value.slice(0, BOUNDS.listedText + 1));
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return undefined;
  if (Array.isArray(value))
    return value.slice(0, BOUNDS.listedThings).map((each: unknown) => slim(each, depth - 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, BOUNDS.listedThings)
      .map(([name, each]) => [name, slim(each, depth - 1)]),
  );
}
