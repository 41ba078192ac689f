/**
 * What the parts of the schema are written with: descriptions, and values with a unit.
 *
 * @module
 */
import * as z from 'zod/mini';
import { parseCount, parseDuration, parseSize } from './units.ts';

/** Gives a schema its description (and examples) for editors and the reference page. */
export function describe<T extends z.ZodMiniType>(description: string, schema: T, examples?: string[]): T {
  z.globalRegistry.add(schema, examples === undefined ? { description } : { description, examples });
  return schema;
}

/** A number, as written or with a unit. */
export type Quantity = z.ZodMiniType<number, string | number>;

/** A kind of value with a unit: each call makes one for one field. */
export function quantity(
  parse: (text: string) => number | undefined,
  kind: string,
  examples: string[],
): () => Quantity {
  const text = z.string();
  z.globalRegistry.add(text, { pattern: '^\\s*[0-9]+(\\.[0-9]+)?\\s*[A-Za-z]*\\s*$' });
  const written = z.union([text, z.number()]);
  z.globalRegistry.add(written, { examples });
  const read = z.transform((value: string | number, context) => {
    const parsed = parse(String(value));
    if (parsed !== undefined && parsed > 0) return parsed;
    const message = `not a ${kind}; write for example ${examples[0]}`;
    context.issues.push({ code: 'custom', message, input: value });
    return z.NEVER;
  });
  // a new schema each time: a description belongs to one field
  return () => z.pipe(written, read);
}

/** Bytes. */
export const size = quantity(parseSize, 'size', ['4GiB', '500MB', '64KiB']);
/** Milliseconds. */
export const duration = quantity(parseDuration, 'duration', ['30m', '90s', '2h']);
/** A whole number. */
export const count = quantity(parseCount, 'count', ['256', '10k', '2M']);

/** A list of texts, empty by default. */
export const texts = (description: string) => describe(description, z._default(z.array(z.string()), []));
