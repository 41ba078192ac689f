/**
 * Header fields both ways: of a request the few that a provider needs, of an answer those that clients act on.
 *
 * @module
 */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { MODEL_PLACEHOLDER, type ModelAccess, type ModelFeature } from '../../contract/index.ts';

/** Betas that open what a feature stands for; a request that uses one is refused by its body, this is one layer more. */
const BETAS: readonly (readonly [RegExp, ModelFeature])[] = [
  [/mcp/, 'mcp'],
  [/files/, 'files'],
  [/code-execution|skills/, 'code-execution'],
  [/web-search/, 'web-search'],
  [/web-fetch/, 'web-fetch'],
];
const MOST_BETAS = 32;
const BETA = /^[a-z0-9][a-z0-9.-]{0,63}$/;
const VERSION = /^\d{4}-\d\d-\d\d$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** How the key is sent; without one nothing is. */
function authorization({ provider, key }: ModelAccess): OutgoingHttpHeaders {
  if (key === undefined) return {};
  return provider === 'anthropic' ? { 'x-api-key': key } : { authorization: `Bearer ${key}` };
}

/** What goes to the provider. Nothing of the client's but a version and the names of betas, both of strict form. */
export function upstreamHeaders(
  access: ModelAccess,
  headers: IncomingHttpHeaders,
  body: { length: number; stream: boolean } | undefined,
): OutgoingHttpHeaders {
  const version = headers['anthropic-version'];
  const betas = String(headers['anthropic-beta'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => BETA.test(name) && !isClosed(name, access.features))
    .slice(0, MOST_BETAS);
  return {
    host: new URL(access.endpoint).host,
    'user-agent': 'ringfence',
    accept: body?.stream ? 'text/event-stream' : 'application/json',
    'accept-encoding': 'identity',
    ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
    ...(access.provider === 'anthropic' && {
      'anthropic-version': typeof version === 'string' && VERSION.test(version) ? version : '2023-06-01',
      ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }),
    }),
    ...authorization(access),
    connection: 'keep-alive',
  };
}

const isClosed = (beta: string, features: readonly ModelFeature[]): boolean =>
  BETAS.some(([pattern, feature]) => pattern.test(beta) && !features.includes(feature));

/** A key that is not the one that we gave is somebody else's account. */
export function strangeKey(headers: IncomingHttpHeaders): boolean {
  const given = [headers['x-api-key'], headers.authorization?.replace(/^bearer +/i, '')];
  return given.some((key) => key !== undefined && key !== '' && key !== MODEL_PLACEHOLDER);
}

/** The W3C trace context of a request; `undefined` where there is none of its form. */
export function traceOf(headers: IncomingHttpHeaders): string | undefined {
  const { traceparent } = headers;
  return typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? traceparent : undefined;
}

const PASSED = new Set([
  'content-type',
  'request-id',
  'x-request-id',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'openai-model',
  'openai-processing-ms',
  'openai-version',
]);
const PASSED_BEGINNINGS = ['anthropic-ratelimit-', 'x-ratelimit-'];

/** Encoded, though none was asked for: nothing of it could be read on the way. */
export const isEncoded = (headers: IncomingHttpHeaders): boolean =>
  !/^(identity)?$/i.test(headers['content-encoding']?.trim() ?? '');

/** What of an answer's fields the client gets, as it came. */
export function answerHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => PASSED.has(name) || PASSED_BEGINNINGS.some((beginning) => name.startsWith(beginning)),
    ),
  );
}
