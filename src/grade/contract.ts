/**
 * The contract that a grader runs in: what the run's own contract shows and allows, without network and secrets (of
 * listed packages the copies that are there, and nothing is fetched), and with the whole workspace open for writing, because what a grader writes is thrown away.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hiddenPaths } from '../cell/plan/index.ts';
import type { Contract } from '../contract/index.ts';

export type Success = NonNullable<Contract['objective']['success']>;

const SECRET = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL/i;

/**
 * @param uncovered folder whose files are laid over the workspace: what it holds is not hidden from the check
 */
export function gradingContract(
  contract: Contract,
  workspace: string,
  uncovered: string | undefined,
): Contract {
  const success = contract.objective.success;
  const network = success?.network === true;
  const time = success?.time ?? contract.compute.time.max;
  return {
    ...contract,
    files: {
      ...contract.files,
      write: ['**'],
      hide:
        uncovered === undefined
          ? contract.files.hide
          : stillHidden(contract.files.hide, workspace, uncovered),
    },
    environment: {
      ...contract.environment,
      pass: contract.environment.pass.filter((name) => network || !SECRET.test(name)),
    },
    programs: contract.programs === 'any' ? 'any' : [...new Set([...contract.programs, 'sh'])],
    network: network ? contract.network : [],
    // a grader calls nobody's tools
    tools: [],
    people: [],
    secrets: network ? contract.secrets : {},
    models: [],
    oversight: { ...contract.oversight, approve: [], calls: 'none' },
    compute: { ...contract.compute, time: { max: time, hard: false } },
  };
}

function stillHidden(patterns: readonly string[], workspace: string, uncovered: string): string[] {
  const hidden = hiddenPaths(workspace, patterns);
  if (!hidden.ok) return [...patterns];
  return hidden.paths
    .map((path) => relative(workspace, path))
    .filter((path) => !existsSync(join(uncovered, path)));
}
