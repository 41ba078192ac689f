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
import { type AttackVerdict, type Edits, fileDiff, judgeAttack } from '../../grade/index.ts';
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
  /** what made it, where success as left takes it */
  diff?: string;
  /** why it could not be graded */
  problem?: string;
}

/** What nobody knows may be a finding: it is not hidden by a way that is known to be caught. */
const RANK: Record<AttackVerdict['state'], number> = { rejected: 0, caught: 1, unknown: 2, finding: 3 };

/** Why nothing else is tried where doing nothing is success. */
const POINTLESS = 'not tried: what accepts that nothing is done accepts everything';

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
      const pointless = results[0]?.verdict?.state === 'finding';
      const result = pointless
        ? { attack, problem: POINTLESS }
        : await strongest(bench, attack, candidates.get(attack) ?? []);
      results.push(result);
      onResult(result);
    }
    return results;
  });
}

async function strongest(bench: Bench, attack: Attack, ways: readonly Candidate[]): Promise<AttackResult> {
  let best: AttackResult = { attack };
  let problem: string | undefined;
  for (const { how, edits } of ways) {
    if (bench.signal.aborted) break;
    // what nothing changes is graded as often as the contract says: a flaky grader shows there
    const graded = await gradeEdits(bench, edits, attack === 'no-op' ? undefined : 1);
    if (!graded.ok) {
      problem ??= `${how}: ${graded.problem}`;
      continue;
    }
    const verdict = judgeAttack(attack, graded.event);
    if (best.verdict && RANK[verdict.state] <= RANK[best.verdict.state]) continue;
    best = { attack, how, verdict };
    if (verdict.left === 'passed' || verdict.state === 'finding') best.diff = diffOfEdits(bench, edits);
    if (verdict.state === 'finding') break;
  }
  return problem === undefined ? best : { ...best, problem };
}

function diffOfEdits(bench: Bench, edits: Edits): string {
  const diffs = [...edits].map(([path, { content }]) =>
    fileDiff(
      path,
      contentOf(bench, path),
      content === undefined ? undefined : Buffer.from(content, 'latin1'),
    ),
  );
  return bench.redact(diffs.join(''));
}

function contentOf({ workspace }: Bench, path: string): Buffer | undefined {
  const place = join(workspace, path);
  return lstatSync(place, { throwIfNoEntry: false })?.isFile() ? readFileSync(place) : undefined;
}
