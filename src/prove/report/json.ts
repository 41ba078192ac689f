/**
 * The report as JSON.
 *
 * @module
 */
import { HAZARDS } from '../../contract/index.ts';
import { COVERS_NOT } from './limits.ts';
import type { Report } from './types.ts';

/** The report for programs: plain data of format 1. Texts in it are as the contract has them, not escaped for a terminal. */
export function reportJson({
  contract,
  model,
  verdicts,
  unneeded,
  findings,
  proof,
}: Report): Record<string, unknown> {
  return {
    format: 1,
    contract,
    model,
    verdicts: verdicts.map((verdict) => ({ ...verdict, meaning: HAZARDS[verdict.hazard] })),
    ...(findings && { findings }),
    ...(unneeded && { unneeded }),
    coversNot: COVERS_NOT,
    // both files of the separate checker
    ...(proof && { world: proof.world, certificate: proof.certificate }),
  };
}
