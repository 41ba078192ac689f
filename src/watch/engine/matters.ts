/**
 * Which detections are news: one finding for each matter, the rest counted.
 *
 * @module
 */
import type { Detection } from '../detector.ts';

/** A matter that was found: how often it was seen after that. */
export interface Matter {
  readonly first: Detection;
  /** number of its event */
  seq: number | undefined;
  again: number;
}

/** So many matters of one rule are findings of their own; what comes after is counted under the last. */
export const MATTERS = 100;
/** So many keys are remembered; what comes after may be answered twice. */
const KEYS = 100_000;

export class Matters {
  readonly #known = new Map<string, Matter>();
  readonly #ofRule = new Map<string, { count: number; last: Matter }>();

  /** @returns the matter where it is news (`isOneOfMany`: not to be told, only answered), undefined where it was found before */
  admit(detection: Detection): { matter: Matter; isOneOfMany: boolean } | undefined {
    const key = JSON.stringify([detection.cell, detection.rule.id, detection.key]);
    const known = this.#known.get(key);
    if (known) {
      known.again += 1;
      return undefined;
    }
    const of = this.#ofRule.get(detection.rule.id);
    if (of && of.count >= MATTERS) {
      of.last.again += 1;
      if (this.#known.size >= KEYS) return { matter: of.last, isOneOfMany: true };
      this.#known.set(key, of.last);
      return { matter: { first: detection, seq: undefined, again: 0 }, isOneOfMany: true };
    }
    const matter: Matter = { first: detection, seq: undefined, again: 0 };
    this.#known.set(key, matter);
    this.#ofRule.set(detection.rule.id, { count: (of?.count ?? 0) + 1, last: matter });
    return { matter, isOneOfMany: false };
  }

  /** What was seen more than once. */
  repeated(): Matter[] {
    return [...new Set(this.#known.values())].filter(({ again }) => again > 0);
  }
}
