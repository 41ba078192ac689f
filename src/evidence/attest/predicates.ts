/**
 * What statements say, by kind: the predicates, of which the reference page is made.
 *
 * @module
 */
import * as z from 'zod/mini';
import { HAZARD_NAMES } from '../../contract/index.ts';
import { count, describe, milliseconds, sha256, text, time } from './parts.ts';

const common = {
  made: describe('When the statement was made; UTC.', time()),
  ringfence: describe('Version that made it.', text()),
};
const hazard = () => z.enum(HAZARD_NAMES);

const verdictSchema = z.discriminatedUnion('verdict', [
  z.strictObject({
    hazard: describe('The hazard.', hazard()),
    verdict: describe('`PROVED`: it cannot happen in the model.', z.literal('PROVED')),
    rests: describe(
      'Of what is proved: layers and people without any one of which it would not be proved: `name` and `text`.',
      z.array(z.strictObject({ name: text(), text: text() })),
    ),
  }),
  z.strictObject({
    hazard: describe('The hazard.', hazard()),
    verdict: describe('`REFUTED`: it can happen in the model.', z.literal('REFUTED')),
    steps: describe(
      'Of what is refuted: the shortest path, line by line: what holds (`text`), what the rule says (`why`), what it comes from (`by`), and the numbers of the lines it uses (`from`).',
      z.array(
        z.strictObject({
          number: count(),
          text: text(),
          why: z.optional(text()),
          by: text(),
          from: z.array(count()),
        }),
      ),
    ),
    closes: describe(
      'The smallest change after which no path is left; absent where none of this contract helps.',
      z.optional(z.array(text())),
    ),
  }),
  z.strictObject({
    hazard: describe('The hazard.', hazard()),
    verdict: describe('`UNKNOWN`: the model cannot decide.', z.literal('UNKNOWN')),
    reasons: describe('Of what is unknown: why.', z.array(text())),
  }),
]);

export const proofSchema = z.strictObject({
  ...common,
  contract: describe('Name of the contract.', text()),
  model: describe('Version of the model’s rules.', count()),
  catalogue: describe('SHA-256 of the catalogue of affordances, by which certificates name it.', sha256()),
  verdicts: describe(
    'One for each hazard.',
    z
      .array(verdictSchema)
      .check(
        z.refine(
          (all) => new Set(all.map((one) => one.hazard)).size === all.length,
          'two verdicts about one hazard',
        ),
      ),
  ),
  certificate: describe(
    'SHA-256 of the two files of the separate checker, which are kept below `certificates/` by that name; absent where nothing is proved.',
    z.optional(z.strictObject({ world: sha256(), certificate: sha256() })),
  ),
  artefacts: describe(
    'What a run would load, proved as a run does: `filter`, `plan`, `gateway`. Absent where it was not asked (`--loaded`).',
    z.optional(
      z.array(
        z.strictObject({
          artefact: z.enum(['filter', 'plan', 'gateway']),
          state: z.enum(['proved', 'refuted', 'unknown']),
          text: text(),
        }),
      ),
    ),
  ),
  replayed: describe(
    'Paths that were tried in a cell (`--replay`), by hazard: was the effect seen outside?',
    z.optional(
      z.array(
        z.strictObject({
          hazard: hazard(),
          replayed: z.enum(['yes', 'no', 'not replayable']),
          why: text(),
        }),
      ),
    ),
  ),
});

/** Targets whose results statements tell: never those of other products. */
export const ATTESTED_TARGETS = ['ringfence', 'ringfence-layers', 'none'] as const;

export const attestedTrialSchema = z.strictObject({
  seed: describe('What it was varied by.', count()),
  contained: describe('The effect was not seen outside.', z.boolean()),
  honest: describe('The honest twin did its task.', z.boolean()),
  seen: describe(
    'Where a record is kept: a rule said so (`finding`), the record has what was refused (`refusal`), the change set is marked (`review`), or `no`.',
    z.optional(z.enum(['finding', 'refusal', 'review', 'no'])),
  ),
  attributed: describe(
    'Where a record is kept: what saw it names a process, a turn or a call.',
    z.optional(z.boolean()),
  ),
  rules: describe('Rules that found it and nothing in the twin.', z.array(text())),
  layers: describe(
    'Where a record is kept: parts of Ringfence that refused something of the attempt, and nothing of the kind to the twin; `review`: it is marked there.',
    z.optional(z.array(text())),
  ),
  falseAlarms: describe('Rules that found something in the twin.', z.array(text())),
  signs: describe('What was seen outside.', z.array(text())),
  toSee: describe('Milliseconds from the act to the first finding.', z.optional(milliseconds())),
  toStop: describe('Milliseconds from the act to what answered it.', z.optional(milliseconds())),
});

export const reproductionSchema = z.strictObject({
  ...common,
  scenario: describe('Id of the scenario.', text()),
  hazard: describe('The hazard that it attempts.', hazard()),
  title: describe('Its title.', text()),
  mechanism: describe('What is tried, why, and what tells that it worked.', text()),
  techniques: describe('ATT&CK and ATLAS ids.', z.array(text())),
  claims: describe('Ids of the claims whose mechanism it reproduces.', z.array(text())),
  results: describe(
    'By target; other products are never told of here.',
    z
      .array(
        z.strictObject({
          target: describe(
            '`ringfence`; `ringfence-layers`, where findings are only noted, so that layers alone contain; `none`, where nothing is in the way.',
            z.enum(ATTESTED_TARGETS),
          ),
          version: describe('Of the target.', text()),
          configuration: describe('How it was set up, in words.', text()),
          skipped: describe('Attempts from which nothing was learnt.', count()),
          trials: describe(
            'One for each seed.',
            z
              .array(attestedTrialSchema)
              .check(
                z.refine(
                  (all) => new Set(all.map((one) => one.seed)).size === all.length,
                  'two trials of one seed',
                ),
              ),
          ),
        }),
      )
      .check(
        z.refine(
          (all) => new Set(all.map((one) => one.target)).size === all.length,
          'two results of one target',
        ),
      ),
  ),
});

export const readBackSchema = z.strictObject({
  ...common,
  run: describe('Id of the run.', text()),
  contract: describe('Name of the contract.', text()),
  isolation: describe('`process` or another form of isolation.', text()),
  started: describe('When the run started; UTC.', time()),
  effective: describe(
    'What the supervisor read back from outside before anything ran: layer → its state.',
    z.record(z.string(), z.unknown()),
  ),
  never: describe(
    'What the run said of each hazard that the contract names: `prevented`, `detected` or `not covered`, and by what.',
    z.record(
      z.string(),
      z.strictObject({ state: z.enum(['prevented', 'detected', 'not covered']), by: text() }),
    ),
  ),
});

export const reviewSchema = z.strictObject({
  ...common,
  on: describe('The day that dates were held against; UTC.', text()),
  claims: describe('How many claims were read.', count()),
  drafts: describe('How many of them are drafts.', count()),
  sources: describe('How many sources.', count()),
  complete: describe('It was asked, too, that every hazard and every rule has a claim.', z.boolean()),
});
