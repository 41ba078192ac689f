/**
 * What a call of a model costs at most: the same for the agent’s models and for judges.
 *
 * @module
 */
import type { Contract, ModelAccess } from '../../../contract/index.ts';

/** What is wrong with them; undefined where the contract’s prices count and none of its bounds is widened. */
export function termsBreach(
  access: Pick<ModelAccess, 'prices' | 'budget'>,
  rule: Pick<Contract['models'][number], 'prices' | 'budget'>,
): string | undefined {
  if (JSON.stringify(access.prices) !== JSON.stringify(rule.prices)) return 'other prices would count';
  for (const name of ['tokens', 'requests', 'money'] as const) {
    const [most, given] = [rule.budget[name], access.budget[name]];
    if (most !== undefined && !(given !== undefined && given <= most))
      return `${name} ${given ?? 'without a bound'}`;
  }
  return undefined;
}
