/**
 * Data files other than contracts, read with the same care: plain YAML, a schema, and every problem with its place and
 * what to write instead.
 *
 * @module
 */
import type * as z from 'zod';
import type { ZodMiniType } from 'zod/mini';
import { explainIssues } from './hints.ts';
import { knownKeysOf } from './keys.ts';
import { type Finding, formatPath, type Problem } from './problem.ts';
import { type Places, positionIn } from './source.ts';
import { parseYaml } from './yaml.ts';

export type ParsedDocument<T> =
  | { ok: true; value: T; places: Places; problem: (finding: Finding) => Problem }
  | { ok: false; problems: Problem[] };

/**
 * Validates a text against a schema. Never throws. `problem` places what the caller finds wrong beyond the schema.
 *
 * @param path what problems call the file
 */
export function parseDocument<S extends ZodMiniType>(
  text: string,
  path: string,
  schema: S,
): ParsedDocument<z.core.output<S>> {
  const parsed = parseYaml(text, { message: 'the file is empty', hint: 'Write it, or remove it.' });
  if (parsed.faults.length > 0)
    return { ok: false, problems: parsed.faults.map((fault) => ({ file: path, ...fault })) };
  const problem = (finding: Finding): Problem => ({
    file: path,
    ...positionIn(parsed.places, finding.path, finding.at).position,
    path: formatPath(finding.path),
    message: finding.message,
    hint: finding.hint,
  });
  const validated = schema.safeParse(parsed.value, { jitless: true });
  if (validated.success) return { ok: true, value: validated.data, places: parsed.places, problem };
  const known = (at: Finding['path']) => knownKeysOf(schema, at);
  return { ok: false, problems: explainIssues(validated.error.issues, parsed.value, known).map(problem) };
}
