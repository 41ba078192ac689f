/**
 * Grading: success and the hidden check over a run's result, outside the agent's reach; and attacks on the objective before
 * it is used.
 *
 * @module
 */
export { diffOf, type Sides } from './altered-diff.ts';
export { gradingContract, type Success } from './contract.ts';
export { type Decider, unprotectedDeciders } from './deciders.ts';
export { fileDiff } from './diff.ts';
export { type Edits, writeEdits } from './edits.ts';
export { type Exposure, hiddenExposure } from './exposure.ts';
export { type AttackVerdict, judgeAttack } from './judge.ts';
export { Tail } from './output.ts';
export { type Patched, readPatch } from './patch.ts';
export { type Attempt, repeatGrading } from './repeat.ts';
export {
  type Gradings,
  gradeEvent,
  isFlaky,
  type Tampering,
  tamperingFinding,
  tamperingIn,
  type Verdict,
  verdictOf,
} from './verdict.ts';
