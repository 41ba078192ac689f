/**
 * One grading, repeated: a grader that does not say the same twice says nothing.
 *
 * @module
 */
import type { GradeResult } from '../contract/index.ts';

/** How one execution of a grader ended. */
export type Attempt =
  | { ok: true; exit: { code?: number; signal?: number }; ms: number; output: string }
  /** it gave no verdict: why */
  | { ok: false; failed: string; ms: number; output: string };

/** @param attempt runs the grader once, each time over the same result */
export async function repeatGrading(times: number, attempt: () => Promise<Attempt>): Promise<GradeResult> {
  const result: GradeResult = { runs: 0, passed: 0, ms: 0, output: '' };
  while (result.runs < times) {
    const made = await attempt();
    result.runs += 1;
    result.ms += made.ms;
    if (!made.ok) return { ...result, failed: made.failed, output: made.output };
    const passed = made.exit.code === 0;
    if (passed) result.passed += 1;
    // of verdicts that differ the failure is what a person wants to see
    if (result.output === '' || !passed || result.runs === 1)
      Object.assign(result, { exit: made.exit, output: made.output });
    if (result.passed > 0 && result.passed < result.runs) return result;
  }
  return result;
}
