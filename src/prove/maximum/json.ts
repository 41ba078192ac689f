/**
 * What a contract gives beyond a maximum, for programs.
 *
 * @module
 */
import type { Containment } from './types.ts';

/** Plain data of format 1. Texts are as the contract has them, not escaped for a terminal. */
export function containmentJson({ beyond, undecided }: Containment): Record<string, unknown> {
  return {
    format: 1,
    contained: beyond.length > 0 ? 'no' : undecided.length > 0 ? 'unknown' : 'yes',
    beyond,
    undecided,
  };
}
