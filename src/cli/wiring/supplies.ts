/**
 * What a run needs beside a cell, read only where its contract has it.
 *
 * @module
 */
import { dirname } from 'node:path';
import type { Contract } from '../../contract/index.ts';
import type { Prepared as PreparedJudges, PrepareInput } from './judges/prepare.ts';
import type { Prepared } from './packages/supply.ts';
import type { PreparedTools } from './tools/supply.ts';

/** The indexes of `packages`, where there are any. */
export async function packagesOf(
  contract: Contract,
  path: string,
  run: string,
): Promise<Prepared | undefined> {
  if (contract.packages.length === 0) return undefined;
  const { preparePackages } = await import('./packages/supply.ts');
  return preparePackages(contract, path, run);
}

/** The servers of `tools`, where there are any. */
export async function toolsOf(
  contract: Contract,
  path: string,
  home: string,
): Promise<PreparedTools | undefined> {
  if (contract.tools.length === 0) return undefined;
  const { prepareTools } = await import('./tools/supply.ts');
  return prepareTools({ contract, base: dirname(path), home, env: process.env }, path);
}

/** The judges of `oversight.judges`, where there are any. */
export async function judgesOf(input: PrepareInput): Promise<PreparedJudges | undefined> {
  if (input.contract.oversight.judges.length === 0) return undefined;
  const { prepareJudges } = await import('./judges/prepare.ts');
  return prepareJudges(input);
}
