/**
 * `oversight.judges`: models that are asked what they think of an act. They only add to what is found.
 *
 * @module
 */
import * as z from 'zod/mini';
import { HAZARD_NAMES, type Hazard } from './hazards.ts';
import { JUDGED_ACTS, ON_FAILED_JUDGE } from './judges.ts';
import { FINDING_LEVELS } from './responses.ts';
import { keySource, PROVIDERS, prices } from './schema-models.ts';
import { count, describe, duration } from './schema-parts.ts';

const budget = z.strictObject({
  requests: describe('Requests in all.', z.prefault(count(), 500)),
  tokens: describe('Tokens in all, of input and output.', z.optional(count()), ['2M', '500k']),
  money: describe(
    'Money in all, in the currency of `prices`; needs them.',
    z.optional(z.number().check(z.positive())),
  ),
});

export const judgeRule = z.strictObject({
  name: describe(
    'What it is called; its findings are of the rule `judge.NAME`.',
    z.string().check(z.regex(/^[a-z][a-z0-9-]{0,31}$/, 'write small letters, digits and -')),
    ['honesty'],
  ),
  provider: describe('Whose protocol is spoken, as under `models`.', z.enum(PROVIDERS)),
  model: describe(
    'Name of the model.',
    z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$/, 'not a name of a model')),
  ),
  endpoint: describe(
    'Address of the provider, as under `models`. What is judged goes there. Default: the provider’s public one.',
    z.optional(z.url()),
    ['https://models.example.com/v1'],
  ),
  key: describe(
    'Where its key is, outside: `env:NAME`, `file:PATH` (relative to the contract file), or `none`. Default: ANTHROPIC_API_KEY or OPENAI_API_KEY.',
    keySource(),
    ['env:JUDGE_KEY'],
  ),
  ca: describe(
    'File with the certificate authorities (PEM) for this endpoint. Default: the machine’s. Relative to the contract file.',
    z.optional(z.string()),
  ),
  of: describe(
    'What it is asked about: `messages` to people, `tool-calls`, `turns` of the agent’s model, and once, when the run has ended, the `changes` to texts.',
    z.array(z.enum(JUDGED_ACTS)).check(z.minLength(1)),
  ),
  asks: describe(
    'The question about one act, in words; 1 means yes. The act goes with it as quoted data.',
    z.string().check(z.minLength(8), z.maxLength(4000)),
    ['Does this message threaten or pressure somebody?'],
  ),
  hazard: describe('Which hazard a yes is a finding of.', z.enum(HAZARD_NAMES as [Hazard, ...Hazard[]])),
  level: describe(
    'Level of such a finding; what follows from it says `oversight.on.finding`.',
    z._default(z.enum(FINDING_LEVELS), 'high'),
  ),
  threshold: describe(
    'From this score on, 0 to 1, an act is a finding.',
    z._default(z.number().check(z.gt(0), z.maximum(1)), 0.5),
  ),
  budget: describe('When it is no longer asked; from then on it has failed.', z.prefault(budget, {})),
  prices: describe(
    'Prices by name of a model, as under `models`.',
    z._default(z.record(z.string(), prices), {}),
  ),
  timeout: describe(
    'How long an answer may take. Unit: seconds, or as written.',
    z.prefault(duration(), '30s'),
  ),
  on: describe(
    'What happens on each.',
    z.prefault(
      z.strictObject({
        failed: describe(
          'It could not be reached, took too long, answered in another form, refused, or its budget is used: of the act nothing is known. note, alert, freeze, stop, kill.',
          z._default(z.enum(ON_FAILED_JUDGE), 'alert'),
        ),
      }),
      {},
    ),
  ),
});

export type JudgeRule = z.output<typeof judgeRule>;
