/**
 * A proof as the lines that people read.
 *
 * @module
 */
import type { Fact, ProofStep } from '../logic/index.ts';
import { keyOf, type Model } from '../model/index.ts';
import type { Step } from './types.ts';
import { wordsOf } from './words.ts';

export const stepsOf = (model: Pick<Model, 'origins'>, listed: readonly ProofStep[]): Step[] =>
  listed.map(
    ({ number, fact, rule, from }): Step => ({
      number,
      ...(rule === undefined
        ? premise(model, fact)
        : { text: wordsOf(fact), why: rule.text, kind: 'rule', by: `rule ${rule.id}` }),
      from,
    }),
  );

/** A fact of the world's own, as a step. */
function premise({ origins }: Pick<Model, 'origins'>, fact: Fact): Pick<Step, 'text' | 'kind' | 'by'> {
  const { text = wordsOf(fact), clause = 'model' } = origins.get(keyOf(fact)) ?? {};
  const kind = clause === 'model' ? 'model' : clause.startsWith('catalogue ') ? 'catalogue' : 'clause';
  return { text, kind, by: clause };
}
