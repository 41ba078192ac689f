/**
 * Claims as graphs: what is said for and against one, how it gets worse, how claims stand to each other.
 *
 * @module
 */
import type { WrittenClaim } from './schema/claim.ts';

/** Ids of the steps before one: those that it names, else the step above. */
export function stepsBefore(
  { escalation }: Pick<WrittenClaim, 'escalation'>,
  index: number,
): readonly string[] {
  const named = escalation[index]?.after;
  if (named !== undefined) return named;
  const above = escalation[index - 1];
  return above ? [above.id] : [];
}
