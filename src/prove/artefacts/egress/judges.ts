/**
 * Judges: each is asked at the contract's endpoint, by its name and question, within its budget and time.
 *
 * @module
 */
import { type Contract, type JudgeConfig, modelEndpoint, modelKeySource } from '../../../contract/index.ts';
import { termsBreach } from './model-terms.ts';
import { resolveBreaches } from './prove.ts';
import type { EgressBreach, EgressVerdict } from './types.ts';

export function proveJudges(config: JudgeConfig, contract: Contract): EgressVerdict {
  const breaches = [
    ...resolveBreaches(config, { contract }),
    ...config.judges.flatMap((judge): EgressBreach[] => {
      const { access, model, asks, timeout } = judge;
      const clause = `oversight.judges[${access.rule}]`;
      const told = (says: string): EgressBreach[] => [{ says, clause }];
      const rule = contract.oversight.judges[access.rule];
      if (rule === undefined) return told(`a judge that the contract does not name: ${access.endpoint}`);
      if (access.provider !== rule.provider || access.endpoint !== modelEndpoint(rule))
        return told(`acts would go to ${access.endpoint} in the place of ${modelEndpoint(rule)}`);
      if (access.key !== undefined && modelKeySource(rule) === 'none')
        return told('a key for an endpoint that wants none');
      if (model !== rule.model || asks !== rule.asks) return told('another model, or another question');
      if (access.features.length > 0) return told(`${access.features[0]} could be asked for`);
      if (timeout > rule.timeout) return told(`an answer may take ${timeout} ms`);
      const terms = termsBreach(access, rule);
      return terms === undefined ? [] : told(terms);
    }),
  ];
  return breaches.length === 0 ? { verdict: 'proved' } : { verdict: 'refuted', breaches };
}
