/**
 * What the schema cannot say about `oversight.judges`: endpoints, budgets that need prices, names that come twice, and acts
 * that a contract does not have.
 *
 * @module
 */
import type { JudgedAct } from './judges.ts';
import { checkBudget, checkEndpoint } from './model-checks.ts';
import type { Finding } from './problem.ts';
import type { Contract } from './schema.ts';

/** Where an act comes from that a contract may not have at all. */
const SOURCES: Partial<Record<JudgedAct, readonly [has: (contract: Contract) => boolean, hint: string]>> = {
  messages: [({ people }) => people.length > 0, 'Name the channels to people under people.'],
  turns: [({ models }) => models.length > 0, 'Name the agent’s models under models.'],
};

export function checkJudges(contract: Contract): Finding[] {
  const { judges } = contract.oversight;
  return judges.flatMap((rule, index): Finding[] => {
    const path = ['oversight', 'judges', index];
    const twice = judges.findIndex(({ name }) => name === rule.name) < index;
    return [
      ...checkEndpoint(rule, path),
      ...checkBudget(rule, path),
      ...(twice
        ? [
            {
              path: [...path, 'name'],
              message: `there are two judges ${rule.name}`,
              hint: 'Give each a name of its own: findings are told apart by it.',
            },
          ]
        : []),
      ...rule.of.flatMap((act, at): Finding[] => {
        const [has, hint] = SOURCES[act] ?? [];
        return has === undefined || hint === undefined || has(contract)
          ? []
          : [
              {
                path: [...path, 'of', at],
                message: `no ${act} pass the gateway, so none would be judged`,
                hint,
              },
            ];
      }),
    ];
  });
}
