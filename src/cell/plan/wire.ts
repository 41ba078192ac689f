/**
 * A plan as the launcher reads it: fields end with NUL, an empty field ends an operation (src/contract/plan.ts).
 *
 * @module
 */
import type { Plan } from '../../contract/index.ts';

/** @throws TypeError where a field is empty or holds NUL: the launcher could not tell where it ends */
export function encodePlan(plan: Plan): Buffer {
  const parts: string[] = [];
  for (const operation of plan) {
    for (const field of operation) {
      if (field === '' || field.includes('\0')) {
        throw new TypeError(`plan operation ${operation[0]} has a field that is empty or holds NUL`);
      }
      parts.push(field, '\0');
    }
    parts.push('\0');
  }
  return Buffer.from(parts.join(''), 'utf8');
}
