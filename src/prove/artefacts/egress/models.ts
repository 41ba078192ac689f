/**
 * Models: each is called at the contract's endpoint, by its names, with its features and within its budget.
 *
 * @module
 */
import { type GatewayConfig, modelEndpoint, modelKeySource } from '../../../contract/index.ts';
import { termsBreach } from './model-terms.ts';
import type { EgressBreach, EgressFacts } from './types.ts';

export function modelBreaches({ models = [] }: GatewayConfig, { contract }: EgressFacts): EgressBreach[] {
  return models.flatMap((access): EgressBreach[] => {
    const clause = `models[${access.rule}]`;
    const told = (says: string, witness?: string): EgressBreach[] => [
      { says, clause, ...(witness !== undefined && { witness }) },
    ];
    const rule = contract.models[access.rule];
    if (rule === undefined) return told(`a model that the contract does not name: ${access.endpoint}`);
    if (access.provider !== rule.provider || access.endpoint !== modelEndpoint(rule))
      return told(`calls to ${access.endpoint} in the place of ${modelEndpoint(rule)}`, access.endpoint);
    if (access.key !== undefined && modelKeySource(rule) === 'none')
      return told('a key for an endpoint that wants none');
    const model = access.models.find((one) => !rule.models.includes(one));
    if (model !== undefined) return told(`the model ${model} could be called`, model);
    const feature = access.features.find((one) => !rule.features.includes(one));
    if (feature !== undefined) return told(`${feature} could be asked for`, feature);
    const terms = termsBreach(access, rule);
    return terms === undefined ? [] : told(terms);
  });
}
