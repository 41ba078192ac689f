/**
 * The schema of a claim: `claims/ID.yaml`.
 *
 * @module
 */
import * as z from 'zod/mini';
import { HAZARD_NAMES } from '../../contract/index.ts';
import {
  ATTRIBUTIONS,
  CATEGORIES,
  CERTAINTIES,
  CONTRADICTION_STATES,
  COUNTER_STATES,
  DEBATE_STATES,
  DESIGNS,
  KINDS,
  keysOf,
  LOWERED_BY,
  MATURITIES,
  RAISED_BY,
  RELATIONS,
  REPRODUCTIONS,
  SETTINGS,
  SOURCINGS,
  STEP_STATES,
  STRENGTHS,
  VERIFIED_HOW,
} from '../words.ts';
import { cite, cites, day, describe, list, optional, slug, some, text, url } from './parts.ts';

const amount = () =>
  describe('By how many steps: 1 (default) or 2.', z._default(z.union([z.literal(1), z.literal(2)]), 1));

export const certaintySchema = z.strictObject({
  level: describe(
    'The certainty that follows from the rest; lint says where it does not.',
    z.enum(keysOf(CERTAINTIES)),
  ),
  design: describe('How the evidence came about: where certainty starts.', z.enum(keysOf(DESIGNS))),
  down: describe(
    'What lowers it.',
    list(
      z.strictObject({
        by: amount(),
        because: describe('The ground.', z.enum(keysOf(LOWERED_BY))),
        text: describe('Why, here.', text()),
      }),
    ),
  ),
  up: describe(
    'What raises it.',
    list(
      z.strictObject({
        by: amount(),
        because: describe('The ground.', z.enum(keysOf(RAISED_BY))),
        text: describe('Why, here.', text()),
      }),
    ),
  ),
});

export const reproducedSchema = z.strictObject({
  run: describe('The command line that runs it.', text()),
  path: describe(
    'The file or folder of this repository that holds it; lint looks whether it is there.',
    text(),
  ),
  shows: describe('What is seen.', text()),
});

export const axesSchema = z.strictObject({
  maturity: describe('How far it has come.', z.enum(keysOf(MATURITIES))),
  setting: describe('Where it was seen.', z.enum(keysOf(SETTINGS))),
  sourcing: describe('Who vouches for it.', z.enum(keysOf(SOURCINGS))),
  attribution: describe(
    'What in the set-up brought it about.',
    z.strictObject({
      to: describe('The word.', z.enum(keysOf(ATTRIBUTIONS))),
      text: describe('Why this word.', text()),
    }),
  ),
  reproduction: describe(
    'What this repository runs of it.',
    z.strictObject({
      level: describe('`mechanism` and `propensity` are kept apart.', z.enum(keysOf(REPRODUCTIONS))),
      by: describe('With `mechanism` and `propensity`: what runs it.', list(reproducedSchema)),
    }),
  ),
  certainty: describe('How certain the claim is, and why.', certaintySchema),
});

export const paragraphSchema = z.strictObject({
  text: describe('A paragraph.', text()),
  cites: cites('Where it is from.'),
});

export const evidenceSchema = z.strictObject({
  shows: describe('What this source contributes, in a sentence.', text()),
  cite: cite('The citation.'),
});

export const figureSchema = z
  .strictObject({
    what: describe('What was counted or measured.', text()),
    numerator: describe('Of how many …', optional(z.number())),
    denominator: describe('… out of how many.', optional(z.number().check(z.positive()))),
    share: describe('Or the share, from 0 to 1.', optional(z.number().check(z.minimum(0), z.maximum(1)))),
    value: describe('Or a value that is no share.', optional(z.number())),
    unit: describe('Unit of `value`.', optional(text())),
    setup: describe('Which systems, which condition, how many runs.', text()),
    cite: cite('Where it is from.'),
  })
  .check(
    z.refine(
      ({ numerator, denominator, share, value }) =>
        (numerator === undefined) === (denominator === undefined) &&
        [numerator, share, value].filter((one) => one !== undefined).length === 1,
      'not a figure; write numerator and denominator, or share, or value with unit',
    ),
    z.refine(
      ({ numerator, denominator }) => numerator === undefined || numerator <= (denominator ?? 0),
      'not a share; write a numerator that is not larger than the denominator',
    ),
    z.refine(
      ({ value, unit }) => (value === undefined) === (unit === undefined),
      'not a figure; write value and unit together',
    ),
  );

export const positionSchema = z.strictObject({
  id: describe('Its id within the claim.', slug()),
  name: describe('Its name, as a heading.', text()),
  holds: describe('What it says, as those who hold it would.', text()),
  by: describe('Who holds it.', list(text())),
  expects: describe('What it would have us see, so that evidence could tell.', optional(text())),
  cites: cites('Where it is said.'),
});

export const debateSchema = z.strictObject({
  question: describe('What is in dispute.', text()),
  state: describe('How it stands.', z.enum(keysOf(DEBATE_STATES))),
  positions: describe('The sides, each fairly.', some(positionSchema)),
  note: describe('What would settle it, or why it matters here.', optional(text())),
});

export const stepSchema = z.strictObject({
  id: describe('Its id within the claim.', slug()),
  text: describe('What happens.', text()),
  after: describe(
    'Ids of the steps before it. Default: the step above. `[]`: a beginning.',
    optional(z.array(slug())),
  ),
  state: describe('How sure it is.', z.enum(keysOf(STEP_STATES))),
  techniques: describe(
    'ATT&CK (`T1572`) and ATLAS (`AML.T0053`) ids, of `rules/techniques.txt`.',
    list(text()),
  ),
  hazard: describe('The hazard that it is, or leads to.', optional(z.enum(HAZARD_NAMES))),
  affordance: describe('The entry of the catalogue that it uses.', optional(text())),
  claim: describe('Another claim that tells this step at length.', optional(slug())),
  cites: cites('Where it is from.'),
});

export const counterargumentSchema = z.strictObject({
  id: describe('Its id within the claim.', slug()),
  text: describe('The objection, as strong as those who make it would.', text()),
  by: describe('Who makes it.', list(text())),
  against: describe(
    'What it attacks: `claim` (default), or the id of a position or a step.',
    z._default(slug(), 'claim'),
  ),
  strength: describe('What it would do if it were right.', z.enum(keysOf(STRENGTHS))),
  state: describe('How it stands.', z.enum(keysOf(COUNTER_STATES))),
  cites: cites('Where it is made.'),
  response: describe(
    'The answer to it; with `conceded`, what is left. Required with `answered`.',
    optional(
      z.strictObject({
        text: describe('The answer.', text()),
        by: describe('Whose it is; empty: ours.', list(text())),
        cites: cites('Where it is from.'),
      }),
    ),
  ),
});

const saidSchema = z.strictObject({
  text: describe('What it says, in our words.', text()),
  cite: cite('Where.'),
});

export const contradictionSchema = z.strictObject({
  id: describe('Its id within the claim.', slug()),
  about: describe('What they differ about.', text()),
  says: describe('What one source says.', saidSchema),
  against: describe('What the other says, or that it does not say it.', saidSchema),
  state: describe('Whether it is known which is right.', z.enum(keysOf(CONTRADICTION_STATES))),
  finding: describe('Which we follow, and why.', text()),
});

export const claimSchema = z.strictObject({
  claim: describe('Version of this format: 1.', z.literal(1)),
  id: describe('Its id: the name of the file.', slug()),
  draft: describe('`true`: proposed, and counted nowhere.', z._default(z.boolean(), false)),
  title: describe('Its title.', text()),
  kind: describe('What it is about.', z.enum(keysOf(KINDS))),
  category: describe('The subject that it is filed under.', z.enum(keysOf(CATEGORIES))),
  statement: describe('The claim, in one sentence.', text()),
  narrative: describe('What happened or what is known, in paragraphs.', some(paragraphSchema)),
  evidence: describe('What the claim rests on, best first.', some(evidenceSchema)),
  'secondary-only': describe(
    'Where all of `evidence` is secondary: why, said so that a reader knows.',
    optional(text()),
  ),
  figures: describe('Numbers, each with its set-up and source.', list(figureSchema)),
  axes: describe('What the status is derived from.', axesSchema),
  debate: describe('The dispute about the mechanism.', optional(debateSchema)),
  consequences: describe('What holds whatever the mechanism.', list(paragraphSchema)),
  escalation: describe('The path from here to worse, step by step.', list(stepSchema)),
  counterarguments: describe('The strongest objections.', list(counterargumentSchema)),
  contradictions: describe('Where sources differ.', list(contradictionSchema)),
  hazards: describe('The hazards that it is evidence for.', list(z.enum(HAZARD_NAMES))),
  affordances: describe('Entries of the catalogue (`rules/affordances`) that it uses.', list(text())),
  rules: describe('Rules (`rules/detections`, `rules/monitors`) that would see it.', list(text())),
  contracts: describe(
    'Ready contracts (`contracts/`) that are made against it, without `.yaml`.',
    list(slug()),
  ),
  related: describe(
    'Other claims, and how this one stands to them.',
    list(
      z.strictObject({
        claim: describe('Id of the other.', slug()),
        how: describe('THIS … OTHER.', z.enum(keysOf(RELATIONS))),
        note: describe('In a sentence.', optional(text())),
      }),
    ),
  ),
  external: describe(
    'The same matter elsewhere.',
    list(
      z.strictObject({
        scheme: describe('Whose id: `ATT&CK`, `ATLAS`, `AIID`, `CVE`, `OWASP` …', text()),
        id: describe(
          'The id there. Those of ATT&CK and ATLAS are checked against `rules/techniques.txt`.',
          text(),
        ),
        url: describe('Its address.', optional(url())),
        note: describe('How it fits.', optional(text())),
      }),
    ),
  ),
  tags: describe('Words to find it by.', list(slug())),
  verification: describe(
    'Who checked it, when and how; the latest gives the date of the status.',
    list(
      z.strictObject({
        on: describe('The day.', day()),
        by: describe('Who.', text()),
        how: describe('How.', z.enum(keysOf(VERIFIED_HOW))),
        note: describe('What was looked at, and what not.', optional(text())),
      }),
    ),
  ),
  history: describe(
    'What changed, and when; the latest is the date of the last update.',
    some(
      z.strictObject({
        on: describe('The day.', day()),
        what: describe('What changed.', text()),
        by: describe('Who.', optional(text())),
      }),
    ),
  ),
});

export type WrittenClaim = z.output<typeof claimSchema>;
