/**
 * What rules are called.
 *
 * @module
 */
import type { SigmaCorrelation, SigmaDetection } from './types.ts';

/** Names by which a rule can be referred to. */
export const namesOfRule = (rule: SigmaDetection | SigmaCorrelation): string[] =>
  [rule.info.id, rule.name, rule.uuid].filter((name) => name !== undefined);
