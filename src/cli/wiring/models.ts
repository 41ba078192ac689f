/**
 * Keys and authorities of a contract's models: read before anything starts, handed to the gateway alone.
 *
 * @module
 */
import { machineAuthorities, readAuthorities } from '../../cell/trust/index.ts';
import { expandPath } from '../../cell/view/index.ts';
import { MODEL_PLACEHOLDER, type ModelAccess, modelEndpoint, modelKeySource } from '../../contract/index.ts';
import { type HeldSecret, readSource, type SecretsInput } from './secrets.ts';

export type HeldModels =
  | { ok: true; models: ModelAccess[]; keys: HeldSecret[] }
  | { ok: false; field: string; problem: string; hint: string };

/** Reads every key; one that is absent is a refusal, and none is ever part of a message. */
export function readModels(input: SecretsInput): HeldModels {
  const models: ModelAccess[] = [];
  const keys: HeldSecret[] = [];
  let machine: string | undefined;
  for (const [rule, entry] of input.contract.models.entries()) {
    const { provider, models: names, features, budget, prices } = entry;
    const endpoint = modelEndpoint(entry);
    const access: ModelAccess = { rule, provider, endpoint, models: names, features, budget, prices };
    const from = modelKeySource(entry);
    if (from !== 'none') {
      const found = readSource(from, 'header', input);
      if (!found.ok)
        return {
          ok: false,
          field: `models[${rule}].key`,
          problem: `the key of models[${rule}]: ${found.problem}`,
          hint: found.hint.replace('from: file:PATH', 'key: file:PATH'),
        };
      access.key = found.value;
      keys.push({
        name: `models[${rule}].key`,
        hosts: [],
        as: 'header',
        value: found.value,
        placeholder: MODEL_PLACEHOLDER,
        ...(found.source !== undefined && { source: found.source }),
      });
    }
    if (endpoint.startsWith('https:')) {
      const read =
        entry.ca === undefined ? undefined : readAuthorities(expandPath(entry.ca, input.home, input.base));
      if (read && !read.ok) return { ...read, field: `models[${rule}].ca` };
      machine ??= machineAuthorities(input.env);
      access.authorities = read?.pem ?? machine;
    }
    models.push(access);
  }
  return { ok: true, models, keys };
}
