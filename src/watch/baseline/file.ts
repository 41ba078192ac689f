/**
 * Baselines as files that people read: YAML, each word with its counts, and a digest of all that is said.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { parse, stringify } from 'yaml';
import * as z from 'zod/mini';
import { AMOUNTS, FACETS } from './features.ts';
import type { Baseline } from './score.ts';

const known = z.strictObject({ runs: z.int(), count: z.int() });
const numbers = z.record(z.string(), z.number());

const schema = z.strictObject({
  'ringfence-baseline': z.literal(1),
  name: z.string(),
  runs: z.int().check(z.minimum(2)),
  budget: z.strictObject({ wanted: z.number(), given: z.number() }),
  threshold: z.number(),
  scores: z.array(z.number()),
  words: z.record(z.string(), z.record(z.string(), known)),
  weights: numbers,
  amounts: numbers,
  digest: z.optional(z.string()),
});

const HEADING = ` What honest runs did: words of several kinds, each with the number of runs that had it and how often it came, and the
 largest amounts. A run whose score is above the threshold is told to be strange (low). Read it: what stands here is
 never told of. Remove what should be told; then remove the digest, too.`;

/** Longest file that is read. Unit: characters. */
const LONGEST = 4_000_000;

export type ReadBaseline =
  | { ok: true; baseline: Baseline; digest: string }
  | { ok: false; problem: string; hint: string };

/** SHA-256 of what a baseline says, lower-case hex. */
export const digestOf = (baseline: Baseline): string => hash('sha256', JSON.stringify(canonical(baseline)));

export function writeBaseline(baseline: Baseline): string {
  const text = stringify(
    { 'ringfence-baseline': 1, ...baseline, digest: digestOf(baseline) },
    { lineWidth: 0 },
  );
  return `${HEADING.split('\n')
    .map((line) => `#${line}\n`)
    .join('')}${text}`;
}

/** Reads a baseline. Never throws. */
export function readBaseline(text: string): ReadBaseline {
  const hint = 'make it anew: ringfence learn --baseline FILE -- COMMAND';
  if (text.length > LONGEST) return { ok: false, problem: 'it is larger than 4 MB', hint };
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    return { ok: false, problem: `it is no YAML: ${(error as Error).message.split('\n')[0]}`, hint };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      ok: false,
      problem: `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is no baseline'}`,
      hint,
    };
  }
  const { digest, 'ringfence-baseline': _, ...rest } = parsed.data;
  const words = Object.fromEntries(
    Object.keys(FACETS).map((facet) => [facet, Object.assign(Object.create(null), rest.words[facet] ?? {})]),
  );
  const missing = [
    ...Object.keys(FACETS).filter((facet) => rest.weights[facet] === undefined),
    ...Object.keys(AMOUNTS).filter((amount) => rest.amounts[amount] === undefined),
  ];
  if (missing.length > 0) return { ok: false, problem: `${missing.join(', ')}: not said`, hint };
  const baseline = { ...rest, words } as Baseline;
  const own = digestOf(baseline);
  if (digest !== undefined && digest !== own)
    return {
      ok: false,
      problem: 'it was changed since it was made',
      hint: 'read what was changed, and remove the digest line to accept it',
    };
  return { ok: true, baseline, digest: own };
}

/** The same whatever the order of keys. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, content]) => [key, canonical(content)]);
}
