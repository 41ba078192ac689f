/**
 * Whether a contract gives no more than another one does.
 *
 * Both are read as what they allow: sets of paths, hosts, requests, programs, amounts. A contract is contained where each of its
 * sets is, and where it keeps what the maximum keeps: hidden files, protected checks, responses, hazards that must be covered.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import type { Maximum } from '../../contract/maximum.ts';
import { compareCompute, compareOversight } from './amounts.ts';
import { compareFiles } from './files.ts';
import { compareEnvironment, comparePeople, comparePrograms, compareSecrets, compareTools } from './held.ts';
import { compareModels } from './models.ts';
import { compareNetwork } from './network.ts';
import { compareObjective } from './objective.ts';
import { comparePackages } from './packages.ts';
import { type Containment, type ContainmentOptions, Findings } from './types.ts';
import { compareWorkspace } from './workspace.ts';

/** From the least that is given to the most. */
const ISOLATION: readonly Contract['isolation'][] = ['microvm', 'process', 'landlock'];

/**
 * What `contract` gives beyond `maximum`, with a case of each. Reflexive and transitive, and a smaller maximum contains fewer
 * contracts. Never throws: what is too large to find out is undecided.
 *
 * @example
 * exceeds(contract, asMaximum(old)).beyond // what a change of the contract opens
 */
export function exceeds(contract: Contract, maximum: Maximum, options: ContainmentOptions = {}): Containment {
  const findings = new Findings(maximum);
  const limit = maximum.contract;
  const below = findings.isAny('files') ? '' : compareWorkspace(contract, limit, findings, options);
  compareObjective(contract, limit, findings, options, below);
  if (
    !findings.isAny('isolation') &&
    ISOLATION.indexOf(contract.isolation) > ISOLATION.indexOf(limit.isolation)
  )
    findings.add({
      clause: 'isolation',
      text: `the isolation is ${contract.isolation}, which is less than ${limit.isolation}`,
      witness: `isolation: ${contract.isolation}`,
      limit: 'isolation',
      fix: `write isolation: ${limit.isolation}`,
    });
  compareFiles(contract, limit, findings, options, below);
  comparePrograms(contract, limit, findings, options);
  compareNetwork(contract, limit, findings);
  comparePackages(contract, limit, findings);
  compareModels(contract, limit, findings);
  compareTools(contract, limit, findings);
  comparePeople(contract, limit, findings);
  compareSecrets(contract, limit, findings);
  compareEnvironment(contract, limit, findings);
  compareCompute(contract, limit, findings);
  compareOversight(contract, limit, findings);
  return { beyond: findings.beyond, undecided: findings.undecided };
}

/** A contract as what others are held against: nothing of it is left to any. */
export const asMaximum = (contract: Contract): Maximum => ({ contract, any: new Set() });
