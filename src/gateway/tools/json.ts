/**
 * JSON read once and written anew: what was judged is what is sent. Integers keep every digit, a key that comes twice
 * has the one value that was looked at, and there is a bound to all of it.
 *
 * @module
 */
import { boundJson } from '../packages/bounded-json.ts';

export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Values in one message; the longest honest tool lists have some ten thousand. */
const MOST_VALUES = 200_000;

export type Parsed = { ok: true; value: Json } | { ok: false; why: string };

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;

const exact: Reviver = (_key, value, context) => {
  if (typeof value !== 'number') return value;
  const { source = '' } = context ?? {};
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value + 0 : BigInt(source);
  if (!Number.isFinite(value)) throw new Error('a number is too large');
  return value;
};

export function parseJson(text: string): Parsed {
  try {
    boundJson(text, MOST_VALUES);
    return { ok: true, value: JSON.parse(text, exact as (key: string, value: unknown) => unknown) as Json };
  } catch (error) {
    return { ok: false, why: error instanceof SyntaxError ? 'not JSON' : (error as Error).message };
  }
}

export function writeJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${writeJson(member)}`).join(',')}}`;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Texts anywhere in a value, keys included, in order; no more than `most` characters of them. */
export function textsIn(value: Json, most = 1_000_000): string[] {
  const texts: string[] = [];
  let left = most;
  const take = (text: string) => {
    if (left > 0) texts.push(text.slice(0, left));
    left -= text.length;
  };
  const visit = (each: Json): void => {
    if (left <= 0) return;
    if (typeof each === 'string') take(each);
    else if (Array.isArray(each)) each.forEach(visit);
    else if (isObject(each))
      for (const [key, member] of Object.entries(each)) {
        take(key);
        visit(member);
      }
  };
  visit(value);
  return texts;
}
