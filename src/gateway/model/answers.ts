/**
 * What clients inside are told when the gateway answers by itself: in the provider's own form, and of each kind always
 * the same, whatever the reason.
 *
 * @module
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ModelProvider } from '../../contract/index.ts';

export type Answer = 'denied' | 'missing' | 'busy' | 'unreachable' | 'key';

const ANSWERS: Readonly<
  Record<
    Answer,
    { status: number; anthropic: string; openai: string; message: string; headers?: OutgoingHttpHeaders }
  >
> = {
  denied: {
    status: 403,
    anthropic: 'permission_error',
    openai: 'permission_denied',
    message: 'This request is not permitted.',
  },
  missing: {
    status: 404,
    anthropic: 'not_found_error',
    openai: 'not_found',
    message: 'Not found.',
  },
  busy: {
    status: 429,
    anthropic: 'rate_limit_error',
    openai: 'rate_limit_exceeded',
    message: 'Too many requests at once.',
    headers: { 'retry-after': '2' },
  },
  unreachable: {
    status: 502,
    anthropic: 'api_error',
    openai: 'server_error',
    message: 'The provider could not be reached.',
  },
  key: {
    status: 401,
    anthropic: 'authentication_error',
    openai: 'invalid_api_key',
    message: 'The provider does not accept the key.',
  },
};

/** The body of an answer, as the provider would write it. */
export function answerBody(answer: Answer, provider: ModelProvider | undefined): string {
  const { anthropic, openai, message } = ANSWERS[answer];
  return provider === 'openai'
    ? JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: openai } })
    : JSON.stringify({ type: 'error', error: { type: anthropic, message } });
}

/** Answers, once; the connection ends where the request's body was not read. */
export function give(
  response: ServerResponse,
  answer: Answer,
  provider: ModelProvider | undefined,
  whole = true,
): void {
  if (response.headersSent || response.destroyed) return;
  const body = answerBody(answer, provider);
  const { status, headers } = ANSWERS[answer];
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
    ...(!whole && { connection: 'close' }),
  });
  response.end(body);
}
