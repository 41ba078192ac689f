/**
 * Which detections are news: one finding for each matter, the rest counted.
 *
 * @module
 */
import { FINDING_LEVELS } from '../../contract/index.ts';
import type { Detection } from '../detector.ts';

/** A matter that was found: how often it was seen after that. */
export interface Matter {
  readonly first: Detection;
  /** number of its event */
  seq: number | undefined;
  again: number;
  /** numbers of the events that show it, the first of them and, bounded, those after */
  readonly cites: number[];
  /** what was seen of its effect: no more of it belongs to the matter than acts were seen */
  effects: number;
}

/**
 * What a detection is: a finding of its own, one of so many that it is only answered, or found before. `isEffect`: and what
 * was done by the command that was found.
 */
export type Admission =
  | { news: 'first' | 'one of many'; matter: Matter }
  | { news: 'none'; isEffect: boolean };

/** Whether two detections are about the same process, or one above the other. */
export type SameAct = (command: readonly number[], effect: readonly number[]) => boolean;

const CITES = 64;

/** So many matters of one rule are findings of their own; what comes after is counted under the last. */
export const MATTERS = 100;
/** So many keys are remembered; what comes after may be answered twice. */
const KEYS = 100_000;

export class Matters {
  readonly #known = new Map<string, Matter>();
  readonly #ofRule = new Map<string, Matter[]>();
  readonly #sameAct: SameAct;

  constructor(sameAct: SameAct = () => false) {
    this.#sameAct = sameAct;
  }

  /** @param isWord as for {@link matterName} */
  admit(detection: Detection, isWord = false): Admission {
    const { rule } = detection;
    const key = matterName(detection, isWord);
    const known = this.#known.get(key);
    const same = known ?? (isWord ? undefined : this.#commandOf(detection));
    if (same) {
      if (!known) this.#known.set(key, same);
      const isEffect =
        same.first.rule.id !== detection.rule.id && (!known || this.#sameAct(same.cites, detection.cites));
      same.again += 1;
      if (same.cites.length < CITES) same.cites.push(...detection.cites);
      return { news: 'none', isEffect };
    }
    const list = isWord ? `${rule.id} (word)` : rule.id;
    const ofRule = this.#ofRule.get(list) ?? [];
    const last = ofRule.at(-1);
    if (last && ofRule.length >= MATTERS) {
      last.again += 1;
      if (this.#known.size < KEYS) this.#known.set(key, last);
      return { news: 'one of many', matter: matterOf(detection) };
    }
    const matter = matterOf(detection);
    this.#known.set(key, matter);
    ofRule.push(matter);
    this.#ofRule.set(list, ofRule);
    return { news: 'first', matter };
  }

  /** The matter that a detection shows the effect of; a graver one than was told before is news. */
  #commandOf({ rule, cell, cites }: Detection): Matter | undefined {
    if (!rule.effectOf || this.#known.size >= KEYS) return undefined;
    for (const matter of rule.effectOf.flatMap((id) => this.#ofRule.get(id) ?? [])) {
      const { first, again, effects } = matter;
      if (first.cell !== cell) continue;
      if (FINDING_LEVELS.indexOf(rule.level) > FINDING_LEVELS.indexOf(first.rule.level)) continue;
      if (effects > again - effects || !this.#sameAct(matter.cites, cites)) continue;
      matter.effects += 1;
      return matter;
    }
    return undefined;
  }

  /** What was seen more than once. */
  repeated(): Matter[] {
    return [...new Set(this.#known.values())].filter(({ again }) => again > 0);
  }
}

/**
 * What tells a matter from others.
 *
 * @param isWord it stands on what somebody inside declared: of that no act is ever a repetition, nor is it allowed with it
 */
export const matterName = ({ cell, rule, key }: Detection, isWord: boolean): string =>
  JSON.stringify([cell, rule.id, key, ...(isWord ? ['word'] : [])]);

const matterOf = (first: Detection): Matter => ({
  first,
  seq: undefined,
  again: 0,
  cites: [...first.cites],
  effects: 0,
});
