/**
 * `check --objective`: makes solutions that are none, and grades them as a run would be.
 *
 * @module
 */
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ATTACKS,
  type Attack,
  type Candidate,
  candidatesFor,
  readProject,
} from '../../grade/attack/index.ts';
import { type AttackVerdict, fileDiff, judgeAttack } from '../../grade/index.ts';
import { protectedBy, withLinkTargets } from '../../grade/layers/index.ts';
import type { ValidContract } from '../contract-file.ts';
import type { Bench } from './grade-bench.ts';
import { gradeEdits, withBench } from './grade-candidate.ts';

/** The outcome of one attack: the way that went furthest. */
export interface AttackResult {
  attack: Attack;
  /** undefined: there is no way that we know in this project */
  how?: string;
  verdict?: AttackVerdict;
  /** what made it, where it is a finding */
  diff?: string;
  /** why it could not be graded */
  problem?: string;
}

const RANK: Record<AttackVerdict['state'], number> = { rejected: 0, unknown: 1, caught: 2, finding: 3 };

/** @param onResult called with each as it is known: grading takes its time */
export async function checkObjective(
  loaded: ValidContract,
  onResult: (result: AttackResult) => void,
): Promise<AttackResult[]> {
  return withBench(loaded, async (bench) => {
    const { success } = loaded.contract.objective;
    const protect = success?.protect ?? [];
    const isProtected = protectedBy(withLinkTargets(bench.workspace, protect, protectedBy(protect)));
    const isHidden = protectedBy(loaded.contract.files.hide);
    const candidates = candidatesFor(
      readProject(bench.workspace, success?.run ?? '', { isProtected, isHidden }),
    );
    const results: AttackResult[] = [];
    for (const attack of ATTACKS) {
      if (bench.signal.aborted) break;
      const result = await strongest(bench, attack, candidates.get(attack) ?? []);
      results.push(result);
      onResult(result);
    }
    return results;
  });
}

async function strongest(bench: Bench, attack: Attack, ways: readonly Candidate[]): Promise<AttackResult> {
  let best: AttackResult = { attack };
  for (const { how, edits } of ways) {
    // what nothing changes is graded as often as the contract says: a flaky grader shows there
    const graded = await gradeEdits(bench, edits, attack === 'no-op' ? undefined : 1);
    if (!graded.ok) {
      best.problem ??= graded.problem;
      continue;
    }
    const verdict = judgeAttack(attack, graded.event);
    if (best.verdict && RANK[verdict.state] <= RANK[best.verdict.state]) continue;
    best = { attack, how, verdict };
    if (verdict.state !== 'finding') continue;
    best.diff = bench.redact(
      [...edits]
        .map(([path, { content }]) =>
          fileDiff(
            path,
            contentOf(bench, path),
            content === undefined ? undefined : Buffer.from(content, 'latin1'),
          ),
        )
        .join(''),
    );
    break;
  }
  return best;
}

function contentOf({ workspace }: Bench, path: string): Buffer | undefined {
  const place = join(workspace, path);
  return lstatSync(place, { throwIfNoEntry: false })?.isFile() ? readFileSync(place) : undefined;
}
