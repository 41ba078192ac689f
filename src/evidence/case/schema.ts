/**
 * The schema of a safety case as data: what `ringfence case --json` prints and `--diff` reads. Text and page are made from nothing else.
 *
 * @module
 */
import * as z from 'zod/mini';
import { HAZARD_NAMES } from '../../contract/index.ts';

/** Gives a schema its description, for the JSON Schema. */
function describe<T extends z.ZodMiniType>(description: string, schema: T): T {
  z.globalRegistry.add(schema, { description });
  return schema;
}

const text = () => z.string();
const texts = () => z.array(z.string());
const sha256 = () => z.string().check(z.regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hexadecimal'));
const count = () => z.int().check(z.minimum(0));
const rate = () => z.number().check(z.minimum(0), z.maximum(1));
const hazard = () => z.enum(HAZARD_NAMES);
const argv = (description: string) => describe(description, texts());

/** What the support of a hazard is. */
export const STANDINGS = {
  proved: 'it cannot happen in the model, and what the proof rests on was read back',
  watched: 'it is not proved; every attempt was contained and seen, as measured',
  accepted: 'it is neither proved nor measured as contained; somebody bears it, with a reason',
  unsupported: 'nothing supports it',
} as const;

export const LINK_STATES = {
  fresh: 'all that it is about is what is here now',
  stale: 'something that it is about changed since',
  missing: 'there is none',
} as const;

export const linkSchema = z.strictObject({
  id: describe('`proof`, `read-back`, `review`, or `reproduction:` and a scenario.', text()),
  title: describe('What it is, for people.', text()),
  state: describe('Whether it holds.', z.enum(Object.keys(LINK_STATES) as (keyof typeof LINK_STATES)[])),
  made: describe('When it was made; UTC.', z.optional(text())),
  file: describe('The file that holds it.', z.optional(text())),
  sha256: describe('SHA-256 of that file, or of the record’s head.', z.optional(sha256())),
  about: describe(
    'What it is about, with digests; rules, claims and sources are counted in `others`.',
    z.array(z.strictObject({ name: text(), sha256: sha256(), words: z.optional(text()) })),
  ),
  others: describe('How many rules, claims and sources it is about, too.', count()),
  changed: describe(
    'What is another now; without `was`: the evidence leaves it out; without `now`: it is gone, or cannot be made here.',
    z.array(z.strictObject({ name: text(), was: z.optional(sha256()), now: z.optional(sha256()) })),
  ),
  command: argv('What makes it again: arguments of `ringfence`.'),
});

export const problemSchema = z.strictObject({
  text: describe('What is not as it must be, in a sentence.', text()),
  link: describe('The link that it is about.', z.optional(text())),
  command: z.optional(argv('What makes it green again: arguments of `ringfence`. Absent: a person decides.')),
  bearable: describe(
    'A person may bear it: by an entry of `accept` in the contract, for this hazard.',
    z.optional(z.literal(true)),
  ),
});

export const stepSchema = z.strictObject({
  kind: describe('Which argument.', z.enum(['model', 'layers', 'effective', 'tried', 'accepted'])),
  state: describe(
    '`holds`: it supports the goal. `open`: it does not. `unknown`: nothing is known.',
    z.enum(['holds', 'open', 'unknown']),
  ),
  text: describe('The argument, in a sentence or two.', text()),
  details: describe('What it consists of.', texts()),
  links: describe('Ids of the links that it rests on.', texts()),
});

export const triedSchema = z.strictObject({
  scenario: describe('Id.', text()),
  title: text(),
  link: describe('Its link.', text()),
  state: z.enum(Object.keys(LINK_STATES) as (keyof typeof LINK_STATES)[]),
  runs: describe('Attempts in a cell.', count()),
  seeds: describe('What they were varied by, such as `1–20`.', text()),
  skipped: describe('Attempts from which nothing was learnt; they count for nothing.', count()),
  effects: describe('Attempts whose effect was seen outside.', count()),
  seen: describe('Attempts of which something is on record.', count()),
  attributed: describe('Attempts whose process, turn or call is on record.', count()),
  honest: describe('Honest twins that did their task.', count()),
  rules: describe('Rules that saw it.', texts()),
  toSee: describe('Median milliseconds from the act to the finding.', z.optional(z.number())),
  none: describe(
    'With nothing in the way: attempts, and those that had their effect.',
    z.optional(z.strictObject({ runs: count(), effects: count() })),
  ),
  layers: describe(
    'With layers alone, findings only noted: attempts, and those that were contained.',
    z.optional(z.strictObject({ runs: count(), contained: count() })),
  ),
});

export const hazardSchema = z.strictObject({
  hazard: describe('The hazard.', hazard()),
  goal: describe('What must hold, in plain words.', text()),
  standing: describe(
    Object.entries(STANDINGS)
      .map(([word, meaning]) => `\`${word}\`: ${meaning}`)
      .join('. '),
    z.enum(Object.keys(STANDINGS) as (keyof typeof STANDINGS)[]),
  ),
  coverage: describe(
    'What the contract itself says of it, as `check` and each run print it.',
    z.enum(['prevented', 'detected', 'not covered']),
  ),
  problems: describe('Why it is red; empty: it is not.', z.array(problemSchema)),
  gaps: describe('What is not known, and does not make it red.', z.array(problemSchema)),
  argument: z.array(stepSchema),
  tried: describe('Attempts, by scenario. Their contracts are the scenarios’ own.', z.array(triedSchema)),
  totals: describe(
    'Of all fresh attempts.',
    z.strictObject({
      runs: count(),
      effects: count(),
      seen: count(),
      attributed: count(),
      effectsAtMost: describe(
        'Upper bound of the rate of effects, one-sided, 95 % (Clopper–Pearson).',
        z.optional(rate()),
      ),
      seenAtLeast: describe(
        'Lower bound of the rate of attempts that are seen, likewise.',
        z.optional(rate()),
      ),
    }),
  ),
  accepted: describe(
    'The contract’s acceptance, where there is one.',
    z.optional(
      z.strictObject({
        reason: text(),
        by: z.optional(text()),
        until: z.optional(text()),
        expired: z.boolean(),
      }),
    ),
  ),
  rests: describe('What the argument rests on.', texts()),
  residual: describe('What is left, in plain words.', texts()),
  claims: describe(
    'What is known of AI systems doing it: claims of the evidence base.',
    z.array(
      z.strictObject({
        id: text(),
        title: text(),
        status: text(),
        coverage: text(),
      }),
    ),
  ),
});

export const caseSchema = z.strictObject({
  format: describe('Version of this format.', z.literal(1)),
  ringfence: describe('Version that stated it.', text()),
  made: describe('When; UTC.', text()),
  contract: z.strictObject({
    name: text(),
    file: text(),
    sha256: sha256(),
    task: z.optional(text()),
  }),
  verdict: describe(
    '`supported`: every hazard is, and every link is fresh. `damaged`: evidence was found that does not verify.',
    z.enum(['supported', 'not supported', 'damaged']),
  ),
  hazards: z.array(hazardSchema),
  links: z.array(linkSchema),
  damaged: describe(
    'Files of evidence that do not verify.',
    z.array(z.strictObject({ file: text(), why: text() })),
  ),
  rests: describe('What all of it rests on.', z.array(z.strictObject({ name: text(), text: text() }))),
  coversNot: describe('What no proof covers.', texts()),
});

export type SafetyCase = z.output<typeof caseSchema>;
export type HazardCase = z.output<typeof hazardSchema>;
export type Link = z.output<typeof linkSchema>;
export type CaseProblem = z.output<typeof problemSchema>;
export type CaseStep = z.output<typeof stepSchema>;
export type Tried = z.output<typeof triedSchema>;
export type Standing = keyof typeof STANDINGS;
