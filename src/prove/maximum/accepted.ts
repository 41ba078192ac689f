/**
 * Hazards that a contract's people bear, where the maximum's do not.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import type { Findings } from './types.ts';

/** What is accepted gives the agent nothing, but it is an answer in the safety case that others may not want to give. */
export function compareAccepted({ accept }: Contract, limit: Contract, findings: Findings): void {
  if (findings.isAny('accept')) return;
  for (const [index, { hazard }] of accept.entries())
    if (!limit.accept.some((other) => other.hazard === hazard))
      findings.add({
        clause: `accept[${index}]`,
        text: `${hazard} is accepted`,
        witness: hazard,
        limit: 'accept',
        fix: `remove ${hazard} from accept`,
      });
}
