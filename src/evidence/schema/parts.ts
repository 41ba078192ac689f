/**
 * What the schemas of claims and sources are written with.
 *
 * @module
 */
import * as z from 'zod/mini';
import { keysOf, QUOTE_CHECKS } from '../words.ts';

/** Gives a schema its description, for the reference page. */
export function describe<T extends z.ZodMiniType>(description: string, schema: T): T {
  z.globalRegistry.add(schema, { description });
  return schema;
}

/** Text that says something; a folded YAML text (`>`) may end with a newline. */
export const text = () =>
  z.pipe(
    z.string().check(z.regex(/\S/, 'empty; write what it is')),
    z.transform((value: string) => value.trim()),
  );
export const optional = <T extends z.ZodMiniType>(schema: T) => z.optional(schema);
export const list = <T extends z.ZodMiniType>(item: T) => z._default(z.array(item), []);
export const some = <T extends z.ZodMiniType>(item: T) => z.array(item).check(z.minLength(1));

export const slug = () =>
  z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'not an id; write small letters, digits and dashes'));

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Whether `YYYY`, `YYYY-MM` or `YYYY-MM-DD` names a time that there is. */
export function isDate(value: string): boolean {
  const [, year, month, day] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(value) ?? [];
  if (year === undefined) return false;
  if (month === undefined) return true;
  const inYear = Number(month) >= 1 && Number(month) <= 12;
  return (
    inYear && (day === undefined || (Number(day) >= 1 && Number(day) <= daysIn(Number(year), Number(month))))
  );
}

/** A day. */
export const day = () =>
  z
    .string()
    .check(
      z.refine(
        (value) => /^\d{4}-\d\d-\d\d$/.test(value) && isDate(value),
        'not a day that there is; write for example 2026-03-17',
      ),
    );

/** A day, a month or a year. YAML takes a bare year for a number. */
export const date = () =>
  z.pipe(
    z.union([z.string(), z.number()]),
    z.transform((value: string | number, context) => {
      const written = String(value);
      if (isDate(written)) return written;
      const message = 'not a date that there is; write for example 2026-03-17, 2026-03 or 2026';
      context.issues.push({ code: 'custom', message, input: value });
      return z.NEVER;
    }),
  );

/** Whether it is an address, and bears no credentials. */
function isPublic(address: string): boolean {
  const parsed = URL.canParse(address) ? new URL(address) : undefined;
  return parsed !== undefined && parsed.username === '' && parsed.password === '';
}

export const url = () =>
  z
    .string()
    .check(
      z.refine(
        (value) => /^https?:\/\/[^\s<>"\\^`{|}]+$/.test(value) && isPublic(value),
        'not an address that others can open; write it whole, with https:// and without a name or password',
      ),
    );

const HASH = /^[0-9a-f]{64}$/;

/** An event of a run's ledger: what a draft made from a run rests on. */
export const eventSchema = z.strictObject({
  run: describe(
    'Id of the run.',
    z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'not the id of a run')),
  ),
  seq: describe('Number of the event in its ledger.', z.int().check(z.minimum(0))),
  hash: describe(
    'Hash of its record in the chain, SHA-256 in hex.',
    z.string().check(z.regex(HASH, 'not a hash; write 64 hex digits')),
  ),
});

/** A citation: where a statement is from. `source` or `event`, exactly one. */
const makeCite = () =>
  z
    .strictObject({
      source: describe(
        'Id of a source: the name of a file in `claims/sources` without `.yaml`.',
        optional(slug()),
      ),
      event: describe('Instead of `source`: an event of a run, as `draft` writes it.', optional(eventSchema)),
      at: describe('Where in it: section, figure, page, timestamp.', optional(text())),
      quote: describe('Its words, 40 at most, exactly as they stand there.', optional(text())),
      checked: describe(
        'Of a quote, and only there: `in-source` (the words were found in the text) or `not-re-read`.',
        optional(z.enum(keysOf(QUOTE_CHECKS))),
      ),
    })
    .check(
      z.refine(
        ({ source, event }) => (source === undefined) !== (event === undefined),
        'not a citation; write source: ID (or event: { run, seq, hash }), and one of them only',
      ),
      z.refine(
        ({ quote, checked }) => (quote === undefined) === (checked === undefined),
        'not a whole quote; write quote and checked together, or neither',
      ),
    );

export const citeSchema = makeCite();

/** One citation; each call makes a schema of its own, since a description belongs to one field. */
export const cite = (what: string) => describe(what, makeCite());
export const cites = (what: string) => describe(`${what} Citations.`, list(citeSchema));

export type Cite = z.output<typeof citeSchema>;
