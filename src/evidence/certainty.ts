/**
 * How certain a claim is: computed from how the evidence came about and what speaks for and against it, after GRADE (G. Guyatt
 * et al., "GRADE: an emerging consensus on rating quality of evidence and strength of recommendations", BMJ 336:924, 2008).
 *
 * @module
 */
import { CERTAINTIES, type Certainty, type Design, keysOf, type Sourcing } from './words.ts';

/** From the least: START counts in these. */
export const LEVELS = keysOf(CERTAINTIES);

/** Where certainty starts: 0 (very low) to 3 (high). */
export const START: Record<Design, number> = {
  experiment: 3,
  proof: 3,
  records: 2,
  observation: 1,
  argument: 0,
};

/** What sourcing adds or takes. */
export const BY_SOURCING: Record<Sourcing, number> = {
  disputed: -1,
  reported: 0,
  corroborated: 1,
  confirmed: 1,
};

/** What certainty is computed from. */
export interface CertaintyInput {
  design: Design;
  sourcing: Sourcing;
  down: readonly { by: 1 | 2; because: string; text: string }[];
  up: readonly { by: 1 | 2; because: string; text: string }[];
  counterarguments: readonly {
    id: string;
    against: string;
    strength: 'weak' | 'moderate' | 'strong';
    state: 'open' | 'answered' | 'conceded';
  }[];
  /** false: nothing but secondary sources stands behind it */
  hasPrimary: boolean;
}

export interface CertaintyStep {
  /** by how many levels; 0 where a step only says where it starts or what it may reach at most */
  by: number;
  text: string;
}

export interface DerivedCertainty {
  level: Certainty;
  /** in the order in which they were applied */
  steps: readonly CertaintyStep[];
}

/**
 * Starts by design, adds and subtracts, stays between very low and high; a strong objection to the claim itself without an
 * answer keeps it at moderate. Better evidence never lowers it.
 *
 * @example
 * deriveCertainty({ design: 'records', sourcing: 'reported', down: [], up: [], counterarguments: [], hasPrimary: true }).level // 'moderate'
 */
export function deriveCertainty(input: CertaintyInput): DerivedCertainty {
  const steps: CertaintyStep[] = [];
  const add = (by: number, text: string): void => {
    steps.push({ by, text });
  };
  const start = START[input.design];
  add(0, `starts at ${LEVELS[start]}: ${input.design}`);
  const bySourcing = BY_SOURCING[input.sourcing];
  if (bySourcing !== 0) add(bySourcing, `sourcing is ${input.sourcing}`);
  if (!input.hasPrimary) add(-1, 'rests on secondary sources alone');
  // who confirms and who replicates are the same others: they count once
  let counted = Math.max(0, bySourcing);
  for (const { by, because, text } of input.up) {
    const already = because === 'replication' ? Math.min(by, counted) : 0;
    counted -= already;
    add(by - already, `${because}: ${text}${already > 0 ? ' (counted with the sourcing)' : ''}`);
  }
  for (const { by, because, text } of input.down) add(-by, `${because}: ${text}`);
  for (const { id, against, strength, state } of input.counterarguments)
    if (state === 'conceded')
      add(
        strength === 'strong' && against === 'claim' ? -2 : -1,
        `conceded: ${id}, ${strength}, against ${against}`,
      );
  const sum = steps.reduce((total, { by }) => total + by, start);
  const bounded = Math.max(0, Math.min(LEVELS.length - 1, sum));
  const unanswered = input.counterarguments.find(
    ({ against, strength, state }) => against === 'claim' && strength === 'strong' && state !== 'answered',
  );
  const capped = unanswered && bounded > 2 ? 2 : bounded;
  if (capped !== bounded)
    add(0, `at most moderate while a strong objection has no answer: ${unanswered?.id}`);
  return { level: LEVELS[capped] as Certainty, steps };
}
