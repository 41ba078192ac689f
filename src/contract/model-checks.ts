/**
 * What the schema cannot say about `models`: endpoints, budgets that need prices, rules that never count, and names
 * that are the gateway's own.
 *
 * @module
 */
import { addressKind, canonicalAddress } from './addresses.ts';
import { MODEL_ADDRESS, MODEL_DOMAIN, MODEL_PORT } from './models.ts';
import type { Finding, Path } from './problem.ts';
import type { Contract } from './schema.ts';
import type { ModelRule } from './schema-models.ts';

/** Where a provider is asked, whoever asks: the agent, or a judge. */
export function checkEndpoint(
  { endpoint, key, ca }: Pick<ModelRule, 'endpoint' | 'key' | 'ca'>,
  path: Path,
): Finding[] {
  if (endpoint === undefined) return [];
  const at = [...path, 'endpoint'];
  const find = (message: string, hint: string): Finding[] => [{ path: at, message, hint }];
  const url = new URL(endpoint);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return find(`${endpoint} is not the address of a provider`, 'Write https://HOST/PATH.');
  if (url.username !== '' || url.password !== '')
    return find(
      'an address with a user or a password in it is written down wherever the contract is',
      'Name where the key is under key.',
    );
  if (url.search !== '' || url.hash !== '')
    return find(`${endpoint} has a query or a fragment`, 'Write the address alone.');
  if (url.hostname === 'localhost' || url.hostname.endsWith('.localhost'))
    return find(
      'localhost is whatever the machine makes of it',
      `Write its address: ${endpoint.replace('localhost', '127.0.0.1')}.`,
    );
  if (url.protocol === 'http:') {
    const kind = addressKind(url.hostname.replace(/^\[|\]$/g, ''));
    if (kind !== 'loopback' && key !== 'none')
      return find(
        'the key and all that is said would go in the clear',
        'Write https://, or key: none where the endpoint wants no key.',
      );
    if (ca !== undefined)
      return [{ path: [...path, 'ca'], message: 'this endpoint is asked in the clear', hint: 'Remove ca.' }];
  }
  return [];
}

export function checkBudget({ budget, prices }: Pick<ModelRule, 'budget' | 'prices'>, path: Path): Finding[] {
  if (budget.money === undefined || Object.keys(prices).length > 0) return [];
  return [
    {
      path: [...path, 'budget', 'money'],
      message: 'nothing says what a token costs',
      hint: 'Write prices, such as: prices: { "*": { input: 3, output: 15 } }.',
    },
  ];
}

/** A rule after one of the same provider that takes every model. */
function checkUnused(models: readonly ModelRule[]): Finding[] {
  return models.flatMap((rule, index): Finding[] => {
    const earlier = models.findIndex(
      (other, at) => at < index && other.provider === rule.provider && other.models.includes('*'),
    );
    return earlier < 0
      ? []
      : [
          {
            path: ['models', index],
            message: `every model of ${rule.provider} is already that of models[${earlier}], so this entry never counts`,
            hint: `Write under models[${earlier}].models which are its own, or remove one of the two.`,
          },
        ];
  });
}

function checkOwnNames({ models, network }: Contract): Finding[] {
  if (models.length === 0) return [];
  return network.flatMap(({ host, port }, index): Finding[] => {
    const own =
      host === MODEL_DOMAIN ||
      host.endsWith(`.${MODEL_DOMAIN}`) ||
      (port === MODEL_PORT && canonicalAddress(host) === MODEL_ADDRESS);
    return own
      ? [
          {
            path: ['network', index, 'host'],
            message: `${host} is where the cell finds its models`,
            hint: 'Remove the rule: models needs none.',
          },
        ]
      : [];
  });
}

/** Everything wrong with `models`. */
export function checkModels(contract: Contract): Finding[] {
  return [
    ...contract.models.flatMap((rule, index) => [
      ...checkEndpoint(rule, ['models', index]),
      ...checkBudget(rule, ['models', index]),
    ]),
    ...checkUnused(contract.models),
    ...checkOwnNames(contract),
  ];
}
