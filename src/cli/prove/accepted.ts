/**
 * What the contract's people bear of what is not proved: said beside the verdicts, and no part of them.
 *
 * @module
 */
import { type Acceptance, acceptancesOf, acceptedBy, type Contract } from '../../contract/index.ts';
import { wrap } from '../../prove/report/index.ts';

/** Plain data; empty where nothing is accepted, or it is no contract of ours. */
export const acceptedIn = (contract: Contract | undefined): Acceptance[] =>
  contract === undefined ? [] : acceptancesOf(contract);

/** The section of the report, or nothing. */
export function acceptedText(accepted: readonly Acceptance[]): string {
  if (accepted.length === 0) return '';
  const lines = accepted.flatMap((one) => {
    const who = acceptedBy(one);
    return wrap(`${one.hazard}: "${one.reason}"${who === '' ? '' : ` (${who})`}`, '  - ', '    ');
  });
  return ['', 'ACCEPTED: the contract says so, and no verdict is better for it', ...lines].join('\n');
}
