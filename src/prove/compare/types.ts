/**
 * What a change opens and closes.
 *
 * @module
 */
import type { Hazard } from '../../contract/index.ts';
import type { Beyond, Undecided } from '../maximum/index.ts';
import type { Model } from '../model/index.ts';
import type { Proved, Reason, Report, Step, Verdict } from '../report/index.ts';

/** A set-up, as it is compared. */
export interface Side {
  readonly model: Model;
  readonly report: Report;
}

/** What one side gives and the other does not. */
export interface Given {
  readonly beyond: readonly Beyond[];
  readonly undecided: readonly Undecided[];
  /** Whether a fact of the side's model is there only because of it. */
  readonly isNew: (fact: readonly string[], clause: string) => boolean;
}

/** A path that uses something that was not given before. */
export interface Way {
  readonly steps: readonly Step[];
  readonly command: string | undefined;
}

export interface HazardChange {
  readonly hazard: Hazard;
  readonly before: Verdict['verdict'];
  readonly now: Verdict['verdict'];
  /**
   * `opened`: it can happen, and could not, as far as was known; `another way`: it could before, and now by what is new, too;
   * `unknown`: it was proved, and is no more; `closed`: it could happen, and is proved now; `fewer`: it could happen, and now nothing
   * is known; `proved`: nothing was known; `rests`: it is proved as before, and rests on something else.
   */
  readonly change: 'opened' | 'another way' | 'unknown' | 'closed' | 'fewer' | 'proved' | 'rests';
  /** Of what is opened, or open in another way. */
  readonly way?: Way;
  /** Of what is unknown: the reasons that were none before. */
  readonly reasons?: readonly Reason[];
  /** Layers and people that a proof rests on now and did not, and the other way round. */
  readonly rests?: { readonly added: Proved['rests']; readonly removed: Proved['rests'] };
}

/** An entry of the catalogue that came within reach, or is out of it. */
export interface Reached {
  /** Catalogue id. */
  readonly id: string;
  readonly kind: 'trigger' | 'service';
  /** The file or destination. */
  readonly where: string;
  /** What it is, for people. */
  readonly text: string;
}

export interface Difference {
  readonly hazards: readonly HazardChange[];
  readonly opened: { readonly grants: readonly Beyond[]; readonly reached: readonly Reached[] };
  readonly closed: { readonly grants: readonly Beyond[]; readonly reached: readonly Reached[] };
  readonly undecided: readonly Undecided[];
}
