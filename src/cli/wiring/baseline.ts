/**
 * The baseline that a contract names. Loaded by runs that have one alone.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Baseline, readBaseline } from '../../watch/baseline/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { safe } from '../text.ts';

/**
 * @param written as `oversight.baseline` names it; `folder` of the contract's file
 * @throws CommandError where it cannot be read, or says nothing that could be compared with
 */
export function requireBaseline(written: string, folder: string): { baseline: Baseline; note: string } {
  const path = resolve(folder, written);
  const refuse = (problem: string, hint: string): never => {
    throw new CommandError(
      'baseline',
      `oversight.baseline: ${safe(written)}: ${safe(problem)}`,
      hint,
      EXIT.notContained,
    );
  };
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'cannot be read';
    refuse(`it cannot be read (${code})`, 'make it: ringfence learn --baseline FILE -- COMMAND');
  }
  const read = readBaseline(text);
  if (!read.ok) return refuse(read.problem, read.hint);
  const { baseline, digest } = read;
  return { baseline, note: `a baseline of ${baseline.runs} honest runs, SHA-256 ${digest}` };
}
