/**
 * The file of coverage that ships beside the claims: what a battery measured, when, with what, and the digests of the scenarios and rules
 * that it is about.
 *
 * @module
 */
import * as z from 'zod/mini';
import { HAZARD_NAMES } from '../../contract/index.ts';

const count = () => z.int().check(z.minimum(0));
const sha256 = () => z.string().check(z.regex(/^[0-9a-f]{64}$/));
const tally = () => z.record(z.string(), count());

const countsSchema = z.strictObject({
  of: count(),
  contained: count(),
  honest: count(),
  seen: count(),
  found: count(),
  attributed: count(),
  falseAlarms: count(),
  rules: tally(),
  layers: tally(),
  toSee: z.optional(z.number().check(z.minimum(0))),
  toStop: z.optional(z.number().check(z.minimum(0))),
});

export const coverageSchema = z.strictObject({
  format: z.literal('ringfence-coverage'),
  version: z.literal(1),
  /** the day of the newest statement, UTC */
  on: z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/)),
  ringfence: z.string(),
  kernel: z.string(),
  /** rule file → SHA-256 */
  rules: z.record(z.string(), sha256()),
  scenarios: z.array(
    z.strictObject({
      id: z.string(),
      hazard: z.enum(HAZARD_NAMES),
      digest: sha256(),
      claims: z.array(z.string()),
      /** target → counts; with nothing in the way, `seen` means nothing */
      targets: z.strictObject({
        ringfence: z.optional(countsSchema),
        'ringfence-layers': z.optional(countsSchema),
        none: z.optional(countsSchema),
      }),
    }),
  ),
});

export type Coverage = z.output<typeof coverageSchema>;
export type MeasuredScenario = Coverage['scenarios'][number];
export type MeasuredCounts = z.output<typeof countsSchema>;

/** Text → coverage; `undefined` where it is none. Never throws. */
export function parseCoverage(text: string): Coverage | undefined {
  try {
    const read = coverageSchema.safeParse(JSON.parse(text), { jitless: true });
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** The same text for the same coverage. */
export const coverageText = (coverage: Coverage): string => `${JSON.stringify(coverage, null, 2)}\n`;
