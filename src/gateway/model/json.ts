/**
 * JSON of requests: parsed within bounds, its large integers kept to the digit, since JavaScript's numbers would round them.
 *
 * @module
 */
import { parseBounded } from '../packages/bounded-json.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Sixteen digits may be more than 2⁵³. */
const LARGE = /\d{16}/;

type Context = { source?: string };
/** Beyond the published types: what `JSON.parse` tells a reviver, and text that `JSON.stringify` writes as it is (ECMA-262, 2026). */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** @throws Error where it is no JSON, or more of it than is ever honest */
export function parseRequest(text: string): unknown {
  const parsed = parseBounded(text);
  if (!LARGE.test(text)) return parsed;
  const keep = (_key: string, value: unknown, context?: Context): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? rawJSON(context?.source ?? '')
      : value;
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
/** A count as providers tell it; 0 for anything else. */
export const countOf = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
