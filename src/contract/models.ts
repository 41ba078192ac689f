/**
 * What a cell and its gateway agree on about models: where they are found inside, what stands in the place of a key, and
 * which names of models a pattern means.
 *
 * @module
 */
import type { ModelProvider, ModelRule } from './schema-models.ts';

/** Below `.internal`, which is never delegated (ICANN board resolution of 29 July 2024). */
export const MODEL_DOMAIN = 'models.internal';

export const MODEL_HOSTS: Readonly<Record<ModelProvider, string>> = {
  anthropic: `anthropic.${MODEL_DOMAIN}`,
  openai: `openai.${MODEL_DOMAIN}`,
};

/** The dummy address (RFC 7600 §4.8), as for packages; the port says that models are meant. */
export const MODEL_ADDRESS = '192.0.0.8';
export const MODEL_PORT = 8080;

/** The providers' public endpoints, from their API references, as their own variables for them are written. */
export const MODEL_ENDPOINTS: Readonly<Record<ModelProvider, string>> = {
  anthropic: 'https://api.anthropic.com',
  openai: 'https://api.openai.com/v1',
};

/** The variable that each provider's own clients read their key from. */
export const MODEL_KEYS: Readonly<Record<ModelProvider, string>> = {
  anthropic: 'ANTHROPIC_API_KEY',
  openai: 'OPENAI_API_KEY',
};

/** What the cell sees in the place of every key. */
export const MODEL_PLACEHOLDER = 'ringfence-placeholder-model-key';

/** Where the key of a rule is. */
export const modelKeySource = ({ provider, key }: Pick<ModelRule, 'provider' | 'key'>): string =>
  key ?? `env:${MODEL_KEYS[provider]}`;

/** Where the requests of a rule go. */
export const modelEndpoint = ({ provider, endpoint }: Pick<ModelRule, 'provider' | 'endpoint'>): string =>
  (endpoint ?? MODEL_ENDPOINTS[provider]).replace(/\/+$/, '');

/** Address of a provider inside, as its clients want it. */
const insideBase = (provider: ModelProvider): string =>
  `http://${MODEL_HOSTS[provider]}:${MODEL_PORT}${provider === 'openai' ? '/v1' : ''}`;

/** Variable → value, for the clients inside: where the model is, and something in the place of a key. */
export function modelClients(models: readonly Pick<ModelRule, 'provider'>[]): Record<string, string> {
  const has = (provider: ModelProvider) => models.some((rule) => rule.provider === provider);
  return {
    ...(has('anthropic') && {
      ANTHROPIC_BASE_URL: insideBase('anthropic'),
      ANTHROPIC_API_KEY: MODEL_PLACEHOLDER,
    }),
    ...(has('openai') && {
      OPENAI_BASE_URL: insideBase('openai'),
      // older clients of the same provider
      OPENAI_API_BASE: insideBase('openai'),
      OPENAI_API_KEY: MODEL_PLACEHOLDER,
    }),
  };
}

/** Whether a pattern of `models` means this name. Without backtracking: parts are found from left to right. */
export function matchesModel(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return name === pattern;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
