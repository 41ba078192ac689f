/**
 * Coverage of claims: the file that lies beside them, held against the scenarios and rules of this installation.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadScenarios } from '../../attack/index.ts';
import {
  type ClaimCoverage,
  type Coverage,
  type CoverageWorld,
  claimCoverage,
  parseCoverage,
} from '../../evidence/coverage/index.ts';
import { installation } from '../installation.ts';
import { present } from './attestations.ts';

/** Where a base keeps its coverage. */
export const coverageFile = (folder: string): string => join(folder, 'coverage.json');

/** `undefined`: nothing is there; `broken`: what is there is no coverage. */
export function readCoverage(folder: string): Coverage | 'broken' | undefined {
  const file = coverageFile(folder);
  if (!existsSync(file)) return undefined;
  try {
    return parseCoverage(readFileSync(file, 'utf8')) ?? 'broken';
  } catch {
    return 'broken';
  }
}

/** Scenarios that cannot be read reproduce nothing. */
export function coverageWorld(): CoverageWorld {
  const loaded = loadScenarios(installation().root);
  const here = present();
  return {
    scenarios: loaded.ok ? loaded.scenarios : [],
    ruleDigest: (name) => here.digestOf(name),
  };
}

/** Looks when it is first asked. */
export function coverageOfFolder(folder: string): (claim: string) => ClaimCoverage {
  let known: { coverage: Coverage | undefined; world: CoverageWorld } | undefined;
  return (claim) => {
    if (known === undefined) {
      const read = readCoverage(folder);
      known = { coverage: read === 'broken' ? undefined : read, world: coverageWorld() };
    }
    return claimCoverage(claim, known.coverage, known.world);
  };
}
