/**
 * `models`: which models the agent may call, through the gateway.
 *
 * @module
 */
import * as z from 'zod/mini';
import { count, describe } from './schema-parts.ts';

export const PROVIDERS = ['anthropic', 'openai'] as const;

/**
 * What a provider does on its own side when a request asks for it, each a way further than to the model itself: from
 * the providers' documentation of their tools and of what they keep.
 */
export const MODEL_FEATURES = [
  'web-search',
  'web-fetch',
  'code-execution',
  'mcp',
  'files',
  'remote-content',
  'store',
  'image-generation',
] as const;

const price = (what: string) => describe(what, z.number().check(z.nonnegative()));

export const prices = z.strictObject({
  input: price('For a million tokens of input.'),
  output: price('For a million tokens of output, reasoning included.'),
  cached: describe(
    'For a million tokens of input that the provider had in its cache. Default: as `input`.',
    z.optional(z.number().check(z.nonnegative())),
  ),
});

const budget = z.strictObject({
  tokens: describe(
    'Tokens in all, of input and output. What a request could use at most is set aside before it is sent.',
    z.optional(count()),
    ['2M', '500k'],
  ),
  requests: describe('Requests in all, those that are tried again included.', z.optional(count())),
  money: describe(
    'Money in all, in the currency of `prices`; needs them.',
    z.optional(z.number().check(z.positive())),
  ),
});

/** Where a key is, outside of the cell. */
export const keySource = () =>
  z.optional(z.string().check(z.regex(/^(none|(env|file):.+)$/, 'write env:NAME, file:PATH, or none')));

export const modelRule = z.strictObject({
  provider: describe(
    'Whose protocol is spoken: `anthropic` (Messages), or `openai` (Chat Completions and Responses), which others speak as well.',
    z.enum(PROVIDERS),
  ),
  key: describe(
    'Where the key is, outside: `env:NAME`, `file:PATH` (relative to the contract file), or `none`. The gateway alone has it; inside, its variable holds a placeholder. Default: ANTHROPIC_API_KEY or OPENAI_API_KEY.',
    keySource(),
    ['env:ANTHROPIC_API_KEY'],
  ),
  endpoint: describe(
    'Address of the provider, written as its own variable for it is (ANTHROPIC_BASE_URL, OPENAI_BASE_URL). Default: the provider’s public one.',
    z.optional(z.url()),
    ['https://models.example.com/v1'],
  ),
  ca: describe(
    'File with the certificate authorities (PEM) for this endpoint. Default: the machine’s. Relative to the contract file.',
    z.optional(z.string()),
  ),
  models: describe(
    'Names of models that may be called; a * stands for any part of one. Default: all.',
    z._default(
      z
        .array(z.string().check(z.regex(/^[A-Za-z0-9*][A-Za-z0-9*._:/@+-]{0,127}$/, 'not a name of a model')))
        .check(z.minLength(1)),
      ['*'],
    ),
    ['claude-*'],
  ),
  features: describe(
    'What the provider may do on its side beyond answering: search or fetch from the web, run code, reach MCP servers, keep files, load images and documents by address (`remote-content`), keep answers and find them again (`store`), make images. Each is a way out through the provider. Default: none; such a request is refused.',
    z._default(z.array(z.enum(MODEL_FEATURES)), []),
  ),
  budget: describe('When calls end. What is absent has no bound.', z.prefault(budget, {})),
  prices: describe(
    'Prices by name of a model, * as in `models`; the first that fits counts. A budget of money refuses models without one.',
    z._default(z.record(z.string(), prices), {}),
  ),
});

export type ModelRule = z.output<typeof modelRule>;
export type ModelProvider = (typeof PROVIDERS)[number];
export type ModelFeature = (typeof MODEL_FEATURES)[number];
export type ModelPrice = z.output<typeof prices>;
