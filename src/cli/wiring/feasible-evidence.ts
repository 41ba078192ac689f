/**
 * Evidence that a task can be done inside its contract: what `check --feasible` showed, kept by contract, patch and
 * workspace. A change to any of them, and there is none again.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Contract } from '../../contract/index.ts';
import { ensureFolder, folders } from '../folders.ts';

export interface Evidence {
  /** RFC 3339 */
  when: string;
}

export interface EvidenceOf {
  contract: Contract;
  /** the contract's file and digest */
  source: { path: string; sha256: string };
  /** real path */
  workspace: string;
}

/** Where `objective.feasible.by` lies. */
export const solutionFile = ({
  contract,
  source,
}: Pick<EvidenceOf, 'contract' | 'source'>): string | undefined =>
  contract.objective.feasible && resolve(dirname(resolve(source.path)), contract.objective.feasible.by);

const placeOf = (name: string): string => join(dirname(folders().runs), 'checks', `feasible-${name}.json`);

function keyOf(of: EvidenceOf): string | undefined {
  const file = solutionFile(of);
  if (file === undefined) return undefined;
  try {
    // in one go: a hash that is fed loads Node's streams
    const patch = hash('sha256', readFileSync(file));
    return hash('sha256', [of.source.sha256, patch, of.workspace].join('\n'));
  } catch {
    return undefined; // no solution, no evidence
  }
}

export function findEvidence(of: EvidenceOf): Evidence | undefined {
  const key = keyOf(of);
  if (key === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(placeOf(key), 'utf8')) as Evidence;
  } catch {
    return undefined;
  }
}

export function keepEvidence(of: EvidenceOf, evidence: Evidence): void {
  const key = keyOf(of);
  if (key === undefined) return;
  const place = placeOf(key);
  ensureFolder(dirname(place));
  writeFileSync(`${place}.${process.pid}`, `${JSON.stringify(evidence)}\n`, { mode: 0o600 });
  renameSync(`${place}.${process.pid}`, place);
}

/** What is said of a task at the start of a run and by `check`; undefined: the contract names no task. */
export function evidenceText(of: EvidenceOf): { shown: boolean; text: string } | undefined {
  const { success, task, feasible } = of.contract.objective;
  if (!success && task === undefined) return undefined;
  const evidence = findEvidence(of);
  if (evidence)
    return {
      shown: true,
      text: `the task can be done inside this contract: shown on ${evidence.when.slice(0, 10)}`,
    };
  const how = feasible ? 'ringfence check --feasible has not shown it' : 'objective.feasible';
  return { shown: false, text: `no evidence that the task can be done inside this contract (${how})` };
}
