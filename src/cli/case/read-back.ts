/**
 * Runs of a contract whose records say what they read back as effective.
 *
 * @module
 */
import { type Attested, type Rejected, readBacksOf } from '../../evidence/attest/index.ts';
import type { Verifier } from '../../ledger/index.ts';
import { listRuns } from '../find-run.ts';
import { readFacts } from '../wiring/leftovers.ts';

/** Runs that are looked for among, newest first. */
const MOST_LISTED = 500;

/**
 * @param name of the contract: what a run of an older text of it read back is stale, not absent
 * @returns newest first, and the records among them that do not hold
 */
export function readBacks(
  { name, sha256 }: { readonly name: string; readonly sha256: string },
  verifier: Verifier | undefined,
): { attested: readonly Attested<'read-back'>[]; rejected: readonly Rejected[] } {
  if (verifier === undefined) return { attested: [], rejected: [] };
  const isWanted = (contract: { name: string; sha256: string }) =>
    contract.sha256 === sha256 || contract.name === name;
  const runs = listRuns()
    .slice(0, MOST_LISTED)
    .filter((run) => {
      const facts = readFacts(run);
      // one that says nothing of itself may still have a whole record
      return facts === undefined || isWanted(facts.contract);
    });
  return readBacksOf(runs, verifier, isWanted);
}
