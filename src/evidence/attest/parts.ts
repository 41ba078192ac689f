/**
 * What the schemas of statements are written with.
 *
 * @module
 */
import * as z from 'zod/mini';

/** Gives a schema its description, for the reference page. */
export function describe<T extends z.ZodMiniType>(description: string, schema: T): T {
  z.globalRegistry.add(schema, { description });
  return schema;
}

export const sha256 = () => z.string().check(z.regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hexadecimal'));
export const text = () => z.string().check(z.maxLength(20_000));
export const count = () => z.int().check(z.minimum(0));
export const milliseconds = () => z.number().check(z.minimum(0));
/** RFC 3339 in UTC with milliseconds, as `Date` writes it. */
export const time = () =>
  z
    .string()
    .check(
      z.refine(
        (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value)),
        'not a time; write for example 2026-03-17T12:00:00.000Z',
      ),
    );
