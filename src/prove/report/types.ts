/**
 * What is said about each hazard.
 *
 * @module
 */
import type { Hazard } from '../../contract/index.ts';
import type { Certificate } from '../certificate/index.ts';
import type { World } from '../logic/index.ts';
import type { Trail } from './trail.ts';

/** It cannot happen in the stated model. */
export interface Proved {
  readonly hazard: Hazard;
  readonly verdict: 'PROVED';
  /** Layers and people without any one of which it would not be proved; see `gatesOf` of the model. */
  readonly rests: readonly { readonly name: string; readonly text: string }[];
}

/** One line of a path. */
export interface Step {
  readonly number: number;
  /** What holds, as a clause of a sentence. */
  readonly text: string;
  /** What the rule says, where one was applied. */
  readonly why?: string;
  /** What `by` names: a clause of the file, an entry of the catalogue, a rule, or nothing but the model itself. */
  readonly kind: 'clause' | 'catalogue' | 'rule' | 'model';
  /** Contract path (`network[0]`), `catalogue ID`, `rule ID`, or `model`. */
  readonly by: string;
  /** Steps that it uses. */
  readonly from: readonly number[];
}

export interface Closed {
  readonly changes: readonly string[];
  /** For each change, what it is a change of: a path of the contract, or nothing. */
  readonly clauses: readonly string[];
  /** For each change, what the objective loses by it, as a clause; absent where nobody asked. */
  readonly costs?: readonly string[];
  /** What the verdict would be then: never `REFUTED`. */
  readonly leaves: 'PROVED' | 'UNKNOWN';
  /** Whether there is certainly no smaller one. */
  readonly minimal: boolean;
}

/** What became of a path that was tried in a cell. */
export interface Replayed {
  /** `yes`: its effect was seen from outside of the cell; `no`: it was tried, and not seen; `not replayable`: it could not be tried. */
  readonly replayed: 'yes' | 'no' | 'not replayable';
  /** What was seen, or why it was not. */
  readonly why: string;
}

/** It can happen, by the shortest path. */
export interface Refuted {
  readonly hazard: Hazard;
  readonly verdict: 'REFUTED';
  readonly steps: readonly Step[];
  /** What a person could type in the cell to see the path; `undefined` where there is nothing to type. */
  readonly command: string | undefined;
  /** What of it could be tried. */
  readonly trail: Trail;
  /** Where it was tried: what was seen. */
  readonly replay?: Replayed;
  /** The smallest change after which no path is left; `undefined` where no change of this contract helps. */
  readonly closed: Closed | undefined;
}

export interface Reason {
  readonly text: string;
  /** Contract paths that it comes from. */
  readonly by: readonly string[];
}

/** The model has no rule that could decide. */
export interface Unknown {
  readonly hazard: Hazard;
  readonly verdict: 'UNKNOWN';
  readonly reasons: readonly Reason[];
}

export type Verdict = Proved | Refuted | Unknown;

/** A grant that nothing that is known of the objective needs. */
export interface Unneeded {
  /** Path of the contract. */
  readonly clause: string;
  readonly grant: string;
  readonly why: string;
  /** Hazards whose shortest path uses it. */
  readonly leads: readonly Hazard[];
}

/** Something to be said of the contract besides its hazards. */
export interface Finding {
  /** Such as `objective.unshown`. */
  readonly id: string;
  readonly text: string;
  readonly clause: string;
  /** A sentence without its full stop. */
  readonly fix: string;
}

export interface Report {
  readonly contract: string;
  /** Version of the model's rules. */
  readonly model: 1;
  /** All hazards, in the order of the vocabulary. */
  readonly verdicts: readonly Verdict[];
  /** What the contract gives beyond its objective; absent where it states none. */
  readonly unneeded?: readonly Unneeded[];
  /** Of the objective; absent where nobody looked. */
  readonly findings?: readonly Finding[];
  /** Facts of the certificate; `undefined` where nothing is proved. */
  readonly certified: number | undefined;
  /** That none of the proved hazards follows, checked; with the world it is about. `undefined` where nothing is proved. */
  readonly proof: { readonly world: World; readonly certificate: Certificate } | undefined;
}
