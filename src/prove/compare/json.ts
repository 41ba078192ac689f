/**
 * What a change opens and closes, for programs.
 *
 * @module
 */
import { isOpened, isUnknown } from './text.ts';
import type { Difference } from './types.ts';

/** Plain data of format 1. Texts are as the files have them, not escaped for a terminal. */
export function differenceJson(difference: Difference): Record<string, unknown> {
  const verdict = isOpened(difference) ? 'opened' : isUnknown(difference) ? 'unknown' : 'nothing opened';
  return { format: 1, verdict, ...difference };
}
