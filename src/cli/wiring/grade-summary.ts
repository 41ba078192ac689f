/**
 * The grade of a run as its record has it, and as a person reads it.
 *
 * @module
 */
import type { EventBody, GradeResult } from '../../contract/index.ts';
import { safe } from '../text.ts';

type GradeEvent = Extract<EventBody, { kind: 'grade' }>;
type Finding = Extract<EventBody, { kind: 'finding' }>;

/** `reward`: `visible` is R, `true` is R*, `violations` is C; a reward that is not known is absent. */
export interface RunGrade {
  reward?: GradeEvent['reward'];
  flaky: boolean;
  text: string;
  left?: GradeResult;
  restored?: GradeResult;
  hidden?: GradeResult;
  /** protected paths that the run changed, safe to print */
  altered: string[];
  finding?: { rule: string; text: string; diff?: string };
  /** why it could not be graded */
  problem?: string;
}

export function toRunGrade(event: GradeEvent, altered: string[], finding: Finding | undefined): RunGrade {
  const { reward, flaky, text, left, restored, hidden } = event;
  return {
    reward,
    flaky,
    text,
    ...(left && { left }),
    ...(restored && { restored }),
    ...(hidden && { hidden }),
    altered,
    ...(finding && {
      finding: {
        rule: finding.rule,
        text: finding.text,
        ...(finding.diff !== undefined && { diff: finding.diff }),
      },
    }),
  };
}

const SHOWN = 4;

/** Lines of the summary at the end of a run. */
export function gradeLines(grade: RunGrade, id: string): string[] {
  if (grade.problem !== undefined) return [`  graded   not: ${safe(grade.problem)}`];
  const lines = [`  graded   ${safe(grade.text)}`];
  if (grade.flaky) lines.push('           the grader does not say the same each time: no verdict');
  if (grade.finding) {
    const { altered } = grade;
    const more = altered.length > SHOWN ? `, and ${altered.length - SHOWN} more` : '';
    const files = altered.length > 0 ? `: ${altered.slice(0, SHOWN).map(safe).join(', ')}${more}` : '';
    lines.push(
      `  found    grader-tampering: ${grade.finding.text}${files}`,
      `           the diff: ringfence grade ${id} --show`,
    );
  }
  return lines;
}
