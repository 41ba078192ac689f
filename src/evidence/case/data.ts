/**
 * A case as JSON: one text for one case, and strict when it is read again.
 *
 * @module
 */
import { canonicalJson } from '../../contract/tools.ts';
import { caseSchema, type SafetyCase } from './schema.ts';

/** One line, keys in order. */
export const caseJson = (value: SafetyCase): string => canonicalJson(JSON.parse(JSON.stringify(value)));

export type ReadCase = { ok: true; value: SafetyCase } | { ok: false; detail: string };

/** Never throws. */
export function readCase(text: string): ReadCase {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    return { ok: false, detail: 'it is not JSON' };
  }
  const found = caseSchema.safeParse(plain, { jitless: true });
  if (found.success) return { ok: true, value: found.data };
  const [issue] = found.error.issues;
  return { ok: false, detail: `${(issue?.path ?? []).map(String).join('.') || 'it'}: ${issue?.message}` };
}
