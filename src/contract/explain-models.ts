/**
 * `models` in words.
 *
 * @module
 */
import type { State, Statement } from './explain.ts';
import { modelEndpoint, modelKeySource } from './models.ts';
import type { Contract } from './schema.ts';
import type { ModelFeature, ModelRule } from './schema-models.ts';

const FEATURES: Readonly<Record<ModelFeature, string>> = {
  'web-search': 'search the web',
  'web-fetch': 'fetch pages that the agent names',
  'code-execution': 'run code of the agent’s in a container of its own',
  mcp: 'call MCP servers that the agent names',
  files: 'keep and search files',
  'remote-content': 'load images and documents from addresses that the agent names',
  store: 'keep answers and find them again, other runs’ included',
  'image-generation': 'make images',
};

function bounds({ budget }: ModelRule): string {
  const said = [
    ...(budget.tokens === undefined ? [] : [`${budget.tokens} tokens`]),
    ...(budget.requests === undefined ? [] : [`${budget.requests} requests`]),
    ...(budget.money === undefined ? [] : [`${budget.money} in the currency of prices`]),
  ];
  return said.length === 0 ? '' : `; at most ${said.join(', ')}`;
}

/** What the agent may call. */
export function explainModels({ models }: Contract, state: State): Statement[] {
  return models.map((rule, index) => {
    const which = rule.models.includes('*') ? 'any model' : `the models ${rule.models.join(', ')}`;
    const key = modelKeySource(rule);
    const held =
      key === 'none'
        ? 'without a key'
        : `with the key of ${key.slice(key.indexOf(':') + 1)}, which it never sees`;
    return state(
      `models[${index}]`,
      `call ${which} of ${rule.provider} at ${modelEndpoint(rule)}, ${held}: the gateway reads each request and writes it anew, and the record has what was said${bounds(rule)}`,
    );
  });
}

/** What the agent may not do with models. */
export function explainModelLimits({ models }: Contract, state: State): Statement[] {
  return models.length === 0
    ? []
    : [
        state(
          'models',
          'name another endpoint, key, organisation or path of a provider, or have it do more on its side than answer',
        ),
      ];
}

/** What deserves a second look. */
export function noteModels({ models }: Contract, state: State): Statement[] {
  return models.flatMap((rule, index) => {
    const notes = rule.features.map((feature, at) =>
      state(
        `models[${index}].features[${at}]`,
        `${rule.provider} may ${FEATURES[feature]} for the agent: what the agent can read can go there, and the gateway does not see it`,
      ),
    );
    if (Object.values(rule.budget).every((bound) => bound === undefined))
      notes.push(state(`models[${index}]`, `no budget ends the calls to ${rule.provider}`));
    return notes;
  });
}
