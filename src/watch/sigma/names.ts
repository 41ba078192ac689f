/**
 * What rules are called.
 *
 * @module
 */
import type { FormulaRule, SigmaCorrelation, SigmaDetection } from './types.ts';

/** Names by which a rule can be referred to. */
export const namesOfRule = (rule: SigmaDetection | SigmaCorrelation | FormulaRule): string[] =>
  [rule.info.id, rule.name, rule.uuid].filter((name) => name !== undefined);
