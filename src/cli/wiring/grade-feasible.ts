/**
 * `check --feasible`: applies the known solution in a cell and grades it.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { readPatch } from '../../grade/index.ts';
import type { ValidContract } from '../contract-file.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { keepEvidence, solutionFile } from './feasible-evidence.ts';
import { gradeEdits, withBench } from './grade-candidate.ts';
import { type RunGrade, toRunGrade } from './grade-summary.ts';

export interface Feasibility {
  feasible: boolean;
  /** in a line */
  text: string;
  grade?: RunGrade;
}

/** @throws CommandError where the contract names no solution, or it cannot be read */
export async function checkFeasible(loaded: ValidContract): Promise<Feasibility> {
  const file = solutionFile(loaded);
  if (file === undefined) {
    throw new CommandError(
      'no-solution',
      'the contract names no solution',
      'write objective.feasible: { by: FILE }, a unified diff that does the task',
      EXIT.usage,
    );
  }
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      'no-solution',
      `${file} cannot be read: ${code}`,
      'correct objective.feasible.by',
      EXIT.usage,
    );
  }
  return withBench(loaded, async (bench) => {
    const patch = readPatch(text, bench.workspace);
    if (!patch.ok)
      return { feasible: false, text: `not feasible: ${file} cannot be applied: ${patch.problem}` };
    const graded = await gradeEdits(bench, patch.edits);
    if (!graded.ok) return { feasible: false, text: `not shown: ${graded.problem}` };
    const grade = toRunGrade(graded.event, graded.altered, graded.finding);
    if (grade.reward?.true !== 1) {
      return { feasible: false, text: `not feasible by ${file}: ${grade.text}`, grade };
    }
    keepEvidence({ ...loaded, workspace: bench.workspace }, { when: new Date().toISOString() });
    return {
      feasible: true,
      text: `feasible: ${file} does the task inside this contract: ${grade.text}`,
      grade,
    };
  });
}
