/**
 * Keys and authorities of a contract's models, and of its judges: read before anything starts, handed to the process alone that asks them.
 *
 * @module
 */
import { machineAuthorities, readAuthorities } from '../../cell/trust/index.ts';
import { expandPath } from '../../cell/view/index.ts';
import {
  MODEL_PLACEHOLDER,
  type ModelAccess,
  type ModelRule,
  modelEndpoint,
  modelKeySource,
} from '../../contract/index.ts';
import { type HeldSecret, readSource, type SecretsInput } from './secrets.ts';

export type HeldModels =
  | { ok: true; models: ModelAccess[]; keys: HeldSecret[] }
  | { ok: false; field: string; problem: string; hint: string };

/** Reads every key; one that is absent is a refusal, and none is ever part of a message. */
export function readModels(input: SecretsInput): HeldModels {
  const models: ModelAccess[] = [];
  const keys: HeldSecret[] = [];
  for (const [rule, entry] of input.contract.models.entries()) {
    const { provider, models: names, features, budget, prices } = entry;
    const endpoint = modelEndpoint(entry);
    const read = readAccess(input, entry, `models[${rule}]`);
    if (!read.ok) return read;
    if (read.held) keys.push(read.held);
    models.push({ rule, provider, endpoint, models: names, features, budget, prices, ...read.access });
  }
  return { ok: true, models, keys };
}

/** What only the gateway gets to know of a model, or a judges' process of a judge. */
export type HeldAccess =
  | { ok: true; access: Pick<ModelAccess, 'key' | 'authorities'>; held?: HeldSecret }
  | { ok: false; field: string; problem: string; hint: string };

/** @param clause where it stands in the contract */
export function readAccess(
  input: SecretsInput,
  entry: Pick<ModelRule, 'provider' | 'key' | 'endpoint' | 'ca'>,
  clause: string,
): HeldAccess {
  const access: Pick<ModelAccess, 'key' | 'authorities'> = {};
  let held: HeldSecret | undefined;
  const from = modelKeySource(entry);
  if (from !== 'none') {
    const found = readSource(from, 'header', input);
    if (!found.ok)
      return {
        ok: false,
        field: `${clause}.key`,
        problem: `the key of ${clause}: ${found.problem}`,
        hint: found.hint.replace('from: file:PATH', 'key: file:PATH'),
      };
    access.key = found.value;
    held = {
      name: `${clause}.key`,
      hosts: [],
      as: 'header',
      value: found.value,
      placeholder: MODEL_PLACEHOLDER,
      ...(found.source !== undefined && { source: found.source }),
    };
  }
  if (modelEndpoint(entry).startsWith('https:')) {
    const read =
      entry.ca === undefined ? undefined : readAuthorities(expandPath(entry.ca, input.home, input.base));
    if (read && !read.ok) return { ...read, field: `${clause}.ca` };
    access.authorities = read?.pem ?? machineAuthorities(input.env);
  }
  return { ok: true, access, ...(held && { held }) };
}
