/**
 * What decides one test on one value, where the automaton does not.
 *
 * @module
 */
import { BlockList, isIP } from 'node:net';
import type { FieldValue } from '../observation.ts';
import { fold } from './pattern.ts';
import { ANY, type Comparison, ONE, type Pattern, type TimePart } from './types.ts';

type Segment = readonly (string | typeof ONE)[];

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Where the segment ends if it begins at `at`; -1 where it does not. */
function forward(text: string, segment: Segment, at: number): number {
  let position = at;
  for (const part of segment) {
    if (part === ONE) {
      if (position >= text.length) return -1;
      const pair = isHigh(text.charCodeAt(position)) && isLow(text.charCodeAt(position + 1));
      position += pair ? 2 : 1;
    } else if (text.startsWith(part, position)) position += part.length;
    else return -1;
  }
  return position;
}

/** Where the segment begins if it ends at the text's end; -1 where it does not. */
function backward(text: string, segment: Segment): number {
  let position = text.length;
  for (let index = segment.length - 1; index >= 0; index -= 1) {
    const part = segment[index] as string | typeof ONE;
    if (part === ONE) {
      if (position <= 0) return -1;
      const pair = isLow(text.charCodeAt(position - 1)) && isHigh(text.charCodeAt(position - 2));
      position -= pair ? 2 : 1;
    } else if (text.endsWith(part, position)) position -= part.length;
    else return -1;
  }
  return position;
}

/** Splits at `*`; a pattern that begins or ends with one has an empty segment there. */
function segmentsOf(pattern: Pattern): Segment[] {
  const segments: (string | typeof ONE)[][] = [[]];
  for (const part of pattern) {
    if (part === ANY) segments.push([]);
    else segments.at(-1)?.push(part);
  }
  return segments;
}

/** Whether a pattern is the whole of a text. Time is at most the product of their lengths; both are folded, or neither. */
export function wildcardMatcher(pattern: Pattern): (text: string) => boolean {
  const segments = segmentsOf(pattern);
  const first = segments[0] as Segment;
  if (segments.length === 1) return (text) => forward(text, first, 0) === text.length;
  const last = segments.at(-1) as Segment;
  const middle = segments.slice(1, -1).filter((segment) => segment.length > 0);
  return (text) => {
    let position = forward(text, first, 0);
    if (position < 0) return false;
    const end = backward(text, last);
    if (end < position) return false;
    for (const segment of middle) {
      const [head] = segment;
      let found = -1;
      for (let start = position; start <= end && found < 0; start += 1) {
        if (head !== ONE) {
          start = text.indexOf(head as string, start);
          if (start < 0) return false;
        } else if (start > 0 && isLow(text.charCodeAt(start)) && isHigh(text.charCodeAt(start - 1))) continue;
        found = forward(text, segment, start);
        if (found > end) return false;
      }
      if (found < 0) return false;
      position = found;
    }
    return true;
  };
}

/** With the folding that the pattern asks for. */
export function textMatcher(pattern: Pattern, cased: boolean): (text: string) => boolean {
  if (cased) return wildcardMatcher(pattern);
  const matches = wildcardMatcher(pattern.map((part) => (typeof part === 'string' ? fold(part) : part)));
  return (text) => matches(fold(text));
}

/** Whether an address lies in a range; IPv4 written as IPv6 (RFC 4291 §2.5.5.2) is IPv4. */
export function cidrMatcher(range: string): (text: string) => boolean {
  const [address = '', bits] = range.split('/');
  const list = new BlockList();
  list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  return (text) => {
    const plain = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
    const version = plain.length > 64 ? 0 : isIP(plain);
    if (version === 0 || plain.includes('%')) return false;
    return list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  };
}

const DECIMAL = /^[+-]?\d{1,40}(?:\.\d{1,40})?$/;

/** -1, 0 or 1; whole numbers beyond 2^53 exactly. `undefined` where one is no number. */
export function compareNumbers(first: string, second: string): number | undefined {
  if (!DECIMAL.test(first) || !DECIMAL.test(second)) return undefined;
  if (!first.includes('.') && !second.includes('.') && (first.length > 15 || second.length > 15)) {
    const [a, b] = [BigInt(first.replace('+', '')), BigInt(second.replace('+', ''))];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  const [a, b] = [Number(first), Number(second)];
  return a < b ? -1 : a > b ? 1 : 0;
}

export function holds(order: number | undefined, comparison: Comparison): boolean {
  if (order === undefined) return false;
  switch (comparison) {
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
    case 'eq':
      return order === 0;
  }
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d))?/;

/** A part of a date as it is written, without regard to time zones; `week` as ISO 8601 counts. */
export function timePart(text: string, part: TimePart): string | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute] = match.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  switch (part) {
    case 'year':
      return String(year);
    case 'month':
      return String(month);
    case 'day':
      return String(day);
    case 'hour':
      return match[4] === undefined ? undefined : String(hour);
    case 'minute':
      return match[5] === undefined ? undefined : String(minute);
    case 'week': {
      // the week that holds the Thursday of this day's week
      const date = new Date(Date.UTC(year, month - 1, day));
      date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
      const start = Date.UTC(date.getUTCFullYear(), 0, 1);
      return String(Math.ceil(((date.getTime() - start) / 86_400_000 + 1) / 7));
    }
  }
}

/** Whether one of a field's values fulfils it. */
export function someValue(value: FieldValue, fulfils: (text: string) => boolean): boolean {
  if (value === undefined) return false;
  if (typeof value === 'string') return fulfils(value);
  if (typeof value === 'object') return value.some(fulfils);
  return fulfils(String(value));
}
