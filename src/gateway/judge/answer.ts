/**
 * A judge's answer in the one form that counts. What is not of this form is no low score: it is none.
 *
 * @module
 */

/** Characters of an answer, and of its reason that are kept. */
const LONGEST = 8 * 1024;
const LONGEST_REASON = 500;

const NUMBER = '(-?\\d{1,3}(?:\\.\\d{1,20})?)';
const TEXT = '("(?:[^"\\\\\\u0000-\\u001f]|\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4}))*")';
/** Both orders, each field once: of a field that comes twice two readers would take different ones. */
const FORMS: readonly (readonly [form: RegExp, score: number, reason: number])[] = [
  [new RegExp(`^\\s*\\{\\s*"score"\\s*:\\s*${NUMBER}\\s*,\\s*"reason"\\s*:\\s*${TEXT}\\s*\\}\\s*$`), 1, 2],
  [new RegExp(`^\\s*\\{\\s*"reason"\\s*:\\s*${TEXT}\\s*,\\s*"score"\\s*:\\s*${NUMBER}\\s*\\}\\s*$`), 2, 1],
];

export type Judged = { ok: true; score: number; reason: string } | { ok: false; detail: string };

/** @example readAnswer('{"score": 0.9, "reason": "It threatens."}') → { ok: true, score: 0.9, reason: 'It threatens.' } */
export function readAnswer(text: string): Judged {
  if (text.trim() === '') return { ok: false, detail: 'the answer is empty' };
  if (text.length > LONGEST) return { ok: false, detail: `the answer has ${text.length} characters` };
  for (const [form, scoreAt, reasonAt] of FORMS) {
    const found = form.exec(text);
    if (!found) continue;
    const score = Number(found[scoreAt]);
    if (!(score >= 0 && score <= 1)) return { ok: false, detail: `a score of ${score} is none of 0 to 1` };
    const reason = (JSON.parse(found[reasonAt] as string) as string).toWellFormed();
    return { ok: true, score, reason: reason.slice(0, LONGEST_REASON).toWellFormed() };
  }
  return { ok: false, detail: 'the answer is not {"score": S, "reason": "R"} alone' };
}
