/**
 * What a person writes where no command makes it green.
 *
 * @module
 */
import type { Red } from './build.ts';
import type { SafetyCase } from './schema.ts';

/** The reason is left to whoever decides: one word is refused, so that nothing is accepted by pasting alone. */
const REASON = 'WHY';

/**
 * Lines of the contract that bear what is red, ready to be pasted but for the reason; none where nobody may decide.
 *
 * @example
 * // accept:
 * //   - hazard: coercion
 * //     reason: WHY
 */
export function acceptLines({ hazards }: SafetyCase, red: Red): string[] {
  if (red.bearable !== true || red.hazards.length === 0) return [];
  const known = new Set(hazards.flatMap(({ hazard, accepted }) => (accepted ? [hazard] : [])));
  const entries = red.hazards.filter((hazard) => !known.has(hazard as never));
  if (entries.length === 0) return [];
  return [
    known.size > 0 ? 'accept: # it is there: put these under it' : 'accept:',
    ...entries.flatMap((hazard) => [`  - hazard: ${hazard}`, `    reason: ${REASON}`]),
  ];
}
