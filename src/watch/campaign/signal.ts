/**
 * Signals: what one run tells about itself to those who look at many. Marks, numbers and ids; never content.
 *
 * @module
 */
import type { RequestContent } from '../../contract/index.ts';

/** What a mark is: 12 to 24 characters of a keyed digest. */
const MARK = /^[\w-]{8,24}$/;

/**
 * `use`: a service was used. `place`: a destination was tried that the contract does not give. `name`: something odd was
 * asked for by name. `loop`: an object is read again and again, and its changes are acted upon. `pressure`: how much the
 * run fails.
 */
export type SignalKind = 'use' | 'place' | 'name' | 'loop' | 'pressure';

const LISTS = ['named', 'told', 'heard', 'places', 'mentions', 'shown'] as const;

export interface Signal {
  does: SignalKind;
  /** microseconds since 1970 */
  time: number;
  run: string;
  cell: string;
  /** number of the event that shows it */
  seq: number;
  turn?: string;
  call?: string;
  /** mark of the host or tool server; of the destination or name */
  service: string;
  /** mark of what in the service was used */
  object?: string;
  write?: boolean;
  ok?: boolean;
  content?: RequestContent;
  /** places among `content`'s that are addresses, not names */
  bare?: number;
  /** mark of the object's name without its numbers, and the number in it */
  series?: { of: string; number: number };
  /** of a loop: how often a change was followed by an act or a write, and by both; how regular the reads are (0 to 1) */
  cycles?: number;
  acted?: number;
  regular?: number;
  /** of pressure: 1 none, 2 the most */
  factor?: number;
}

/** Of a list so much is taken. */
const MOST = 256;
/** Later than anything is: the year 2200. Unit: microseconds. */
const LATEST = 7_258_118_400_000_000;

/** An object in JSON; `undefined` where the line is none. */
export function asRecord(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

export const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w.-]{1,96}$/.test(value);

export const isMark = (value: unknown): value is string => typeof value === 'string' && MARK.test(value);

export const timeOf = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 && value <= LATEST ? value : undefined;

const countOf = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;

export function numbersOf(value: unknown, most: number): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, most).filter((one) => countOf(one) !== undefined);
}

/** Names that somebody else gave, such as those of turns. */
export const wordsOf = (value: unknown, most: number): string[] =>
  Array.isArray(value)
    ? value.slice(0, most).filter((one): one is string => typeof one === 'string' && one.length <= 256)
    : [];

const KINDS: readonly unknown[] = ['use', 'place', 'name', 'loop', 'pressure'] satisfies SignalKind[];

/** One line of the shared folder, as far as it is a signal; `undefined` where it is none. */
export function parseSignal(line: string): Signal | undefined {
  const value = asRecord(line);
  if (!value) return undefined;
  const { does, run, cell, service, turn, call, object, write, ok } = value;
  const time = timeOf(value.time);
  const seq = countOf(value.seq);
  if (!KINDS.includes(does) || time === undefined || seq === undefined) return undefined;
  if (!isId(run) || !isId(cell) || !isMark(service)) return undefined;
  const content = contentIn(value.content ?? {});
  if (!content) return undefined;
  const series = seriesIn(value.series);
  const signal: Signal = { does: does as SignalKind, time, run, cell, seq, service };
  if (typeof turn === 'string' && turn.length <= 256) signal.turn = turn;
  if (typeof call === 'string' && call.length <= 256) signal.call = call;
  if (isMark(object)) signal.object = object;
  if (typeof write === 'boolean') signal.write = write;
  if (typeof ok === 'boolean') signal.ok = ok;
  if (value.content !== undefined) signal.content = content;
  if (series) signal.series = series;
  for (const name of ['bare', 'cycles', 'acted'] as const) {
    const count = countOf(value[name]);
    if (count !== undefined) signal[name] = count;
  }
  for (const name of ['regular', 'factor'] as const) {
    const number = value[name];
    if (typeof number === 'number' && number >= 0 && number <= 2) signal[name] = number;
  }
  return signal;
}

function contentIn(value: unknown): RequestContent | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const given = value as Record<string, unknown>;
  const content: RequestContent = {};
  for (const list of LISTS) {
    if (given[list] !== undefined && !Array.isArray(given[list])) return undefined;
    const marks = wordsOf(given[list], MOST).filter(isMark);
    if (marks.length > 0) content[list] = marks;
  }
  for (const name of ['asked', 'answered'] as const) {
    const mark = given[name];
    if (isMark(mark)) content[name] = mark;
  }
  const packed = countOf(given.packed);
  if (packed !== undefined) content.packed = packed;
  if (given.addressed === true) content.addressed = true;
  return content;
}

function seriesIn(value: unknown): Signal['series'] {
  if (value === null || typeof value !== 'object') return undefined;
  const { of, number } = value as Record<string, unknown>;
  const count = countOf(number);
  return isMark(of) && count !== undefined ? { of, number: count } : undefined;
}
