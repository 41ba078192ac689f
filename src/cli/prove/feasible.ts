/**
 * What shows that the objective of a contract can be met inside it: its known solution, graded, or a run that succeeded under the
 * same contract or under one that gives no more.
 *
 * @module
 */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Finding, feasibilityFindings, type Shown } from '../../prove/objective/index.ts';
import { folders } from '../folders.ts';
import { findEvidence } from '../wiring/feasible-evidence.ts';
import type { RunFacts } from '../wiring/run-folder.ts';
import type { Subject } from './types.ts';

/** The latest runs alone are looked at. */
const MOST_RUNS = 200;

/** Findings of the objective; empty for what `--from` reads, which has none. */
export async function findingsOf({ contract, file, sha256 }: Subject): Promise<Finding[]> {
  if (contract === undefined) return [];
  const without = feasibilityFindings(contract, undefined);
  if (without.length === 0 || contract.objective.success === undefined) return without;
  const workspace = realFolder(resolve(dirname(resolve(file)), contract.files.workspace.path));
  const of = { contract, source: { path: file, sha256 }, workspace };
  const known = findEvidence(of);
  const shown: Shown | undefined =
    known === undefined
      ? await shownByRun(of)
      : { by: `the known solution, graded on ${known.when.slice(0, 10)}` };
  return feasibilityFindings(contract, shown);
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

type Of = Parameters<typeof findEvidence>[0];

async function shownByRun(of: Of): Promise<Shown | undefined> {
  /** Contracts of other digests, each looked at once. */
  const narrower = new Map<string, boolean>();
  for (const facts of succeeded(of.workspace)) {
    const { contract } = facts;
    const isSame = contract.sha256 === of.source.sha256;
    const isWithin = isSame || (narrower.get(contract.sha256) ?? (await givesNoMore(contract, of)));
    narrower.set(contract.sha256, isWithin);
    if (isWithin) return { by: `run ${facts.id}` };
  }
  return undefined;
}

/** Runs in the workspace that were graded as successful, latest first. */
function* succeeded(workspace: string): Generator<RunFacts> {
  let names: string[];
  try {
    names = readdirSync(folders().runs);
  } catch {
    return;
  }
  // ids sort by time
  for (const name of names.sort().reverse().slice(0, MOST_RUNS)) {
    const facts = readRun(join(folders().runs, name, 'run.json'));
    const reward = facts?.grade?.reward;
    if (facts?.workspace === workspace && reward?.visible === 1 && reward.true === 1) yield facts;
  }
}

function readRun(path: string): RunFacts | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    // most runs are not graded, and reading them all costs more than all else
    return text.includes('"reward"') ? (JSON.parse(text) as RunFacts) : undefined;
  } catch {
    return undefined; // a run that is being made, or no run
  }
}

/** Whether another contract, as it was run, has the same objective and gives no more than this one. */
async function givesNoMore(
  { path, sha256 }: RunFacts['contract'],
  { contract, source }: Of,
): Promise<boolean> {
  const { loadContract } = await import('./load.ts');
  const loaded = loadContract(path);
  // what the file says now is not what was run
  if (!loaded.ok || loaded.source.sha256 !== sha256) return false;
  const { task, success } = loaded.contract.objective;
  if (task !== contract.objective.task || success?.run !== contract.objective.success?.run) return false;
  const { asMaximum, exceeds } = await import('../../prove/maximum/index.ts');
  const found = exceeds(loaded.contract, asMaximum(contract), { folder: dirname(resolve(source.path)) });
  // what a wider view of hazards changes, and what is borne of them, shows nothing about the task
  return (
    found.undecided.length === 0 && found.beyond.every(({ clause }) => /^(never|accept\[\d+\])$/.test(clause))
  );
}
