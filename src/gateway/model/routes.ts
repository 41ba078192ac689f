/**
 * Paths of the providers' APIs that exist inside. Every other one is refused: files, batches, stored answers and
 * administration have paths of their own.
 *
 * @module
 */
import { MODEL_HOSTS, MODEL_PORT, type ModelProvider } from '../../contract/index.ts';
import { anthropicCount, anthropicMessages } from './protocols/anthropic.ts';
import { openaiChat } from './protocols/openai-chat.ts';
import { openaiResponses } from './protocols/openai-responses.ts';
import type { Protocol } from './protocols/protocol.ts';

export type Route =
  /** `counts`: what is asked for is a number, and costs nothing */
  | { kind: 'call'; provider: ModelProvider; path: string; protocol: Protocol; counts?: true }
  /** names of models, or what one is; `model` is its name */
  | { kind: 'list'; provider: ModelProvider; path: string; model?: string };

const CALLS: Readonly<Record<ModelProvider, Readonly<Record<string, readonly [string, Protocol, true?]>>>> = {
  anthropic: {
    '/v1/messages': ['/v1/messages', anthropicMessages],
    '/v1/messages/count_tokens': ['/v1/messages/count_tokens', anthropicCount, true],
  },
  openai: {
    '/v1/chat/completions': ['/chat/completions', openaiChat],
    '/v1/responses': ['/responses', openaiResponses],
  },
};

const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;
/** Paging through the list; a value is a count or a name of a model. */
const QUERY: Readonly<Record<string, RegExp>> = {
  limit: /^\d{1,4}$/,
  after_id: MODEL_NAME,
  before_id: MODEL_NAME,
};

/** The provider that a Host header names. */
export function providerOf(host: string | undefined): ModelProvider | undefined {
  const name = host?.toLowerCase().replace(new RegExp(`:${MODEL_PORT}$`), '');
  return (Object.keys(MODEL_HOSTS) as ModelProvider[]).find((provider) => MODEL_HOSTS[provider] === name);
}

/** What a request asks for; `undefined` for whatever there is not. */
export function routeOf(
  method: string | undefined,
  host: string | undefined,
  target: string | undefined,
): Route | undefined {
  const provider = providerOf(host);
  if (provider === undefined || target === undefined) return undefined;
  const [path = '', query, ...more] = target.split('?');
  if (more.length > 0) return undefined;
  if (method === 'POST') {
    const found = Object.hasOwn(CALLS[provider], path) ? CALLS[provider][path] : undefined;
    if (!found || (query !== undefined && !(provider === 'anthropic' && query === 'beta=true')))
      return undefined;
    const [upstream, protocol, counts] = found;
    const asked = query === undefined ? upstream : `${upstream}?${query}`;
    return { kind: 'call', provider, path: asked, protocol, ...(counts && { counts }) };
  }
  if (method !== 'GET') return undefined;
  const [, model] = /^\/v1\/models(?:\/([^/]+))?$/.exec(path) ?? [];
  if (!/^\/v1\/models(\/|$)/.test(path) || (path !== '/v1/models' && !MODEL_NAME.test(model ?? '')))
    return undefined;
  if (query !== undefined && !isPaging(query)) return undefined;
  const upstream = `${provider === 'anthropic' ? '/v1' : ''}/models${model === undefined ? '' : `/${model}`}`;
  const asked = query === undefined ? upstream : `${upstream}?${query}`;
  return { kind: 'list', provider, path: asked, ...(model !== undefined && { model }) };
}

const isPaging = (query: string): boolean =>
  query.split('&').every((pair) => {
    const [name = '', value = '', ...more] = pair.split('=');
    return more.length === 0 && Object.hasOwn(QUERY, name) && (QUERY[name]?.test(value) ?? false);
  });
