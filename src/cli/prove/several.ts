/**
 * Answers about several subjects of one file, in one document.
 *
 * @module
 */

/** One answer as it is; several under `settings`, with what they have in common before them. */
export function joinJson(outputs: readonly string[], about: { file: string; sha256: string }): string {
  const [first, ...others] = outputs;
  if (first !== undefined && others.length === 0) return first;
  const settings = outputs.map((output) => JSON.parse(output) as unknown);
  return JSON.stringify({ ...about, valid: true, settings }, null, 2);
}

/** One SARIF log with all runs (SARIF 2.1.0, section 3.13.4). */
export function joinSarif(outputs: readonly string[]): string {
  const logs = outputs.map((output) => JSON.parse(output) as { runs: unknown[] });
  return JSON.stringify({ ...logs[0], runs: logs.flatMap(({ runs }) => runs) }, null, 2);
}
