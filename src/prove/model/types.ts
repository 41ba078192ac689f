/**
 * What a set-up leaves open, as a world of facts and rules, with what people need to follow them.
 *
 * @module
 */
import type { Contract, Hazard } from '../../contract/index.ts';
import type { Catalogue } from '../catalogue/index.ts';
import type { Change, Fact, World } from '../logic/index.ts';
import { type Place, type Setting, settingOf } from '../setting/index.ts';

/** A set-up, or a contract to make one of, and the catalogue. */
export type ModelInput = {
  readonly catalogue: Catalogue;
  /** The operator's home, absolute; what `~` stands for. Without it, paths that name it in full are not known to be below it. */
  readonly home?: string;
} & (
  | { readonly setting: Setting }
  | {
      readonly contract: Contract;
      /** The contract's own file, which the workspace may hold. */
      readonly file?: string;
    }
);

/** The set-up that is asked about. */
export const settingIn = (input: ModelInput): Setting =>
  'setting' in input
    ? input.setting
    : settingOf(input.contract, input.file === undefined ? {} : { file: input.file });

/** Where a fact comes from. */
export interface Origin {
  /** Path in the set-up such as `network[0]`, or `catalogue ID`, or `model` for what holds of every run. */
  readonly clause: string;
  /** Where it is written, where the set-up's reader said so. */
  readonly place?: Place;
  /** What it says, for people; names of the contract in it are not escaped. */
  readonly text: string;
}

/** What a command needs to know of a destination. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
  /** A method that may carry a body; otherwise data goes into the query. */
  readonly sends?: 'POST' | 'PUT' | 'PATCH';
  /** A method to ask with, where that is not GET. */
  readonly asks?: string;
  readonly path: string;
}

/** A layer or a person on which a proof may rest: with the fact added, it is as if it were not there. */
export interface Gate {
  readonly name: string;
  readonly text: string;
  readonly without: Fact;
}

export interface Model {
  /** `bad` is empty: see {@link hazardFact} and {@link undecidedFact}. */
  readonly world: World;
  readonly origins: ReadonlyMap<string, Origin>;
  /** By the name that facts have for them. */
  readonly destinations: ReadonlyMap<string, Destination>;
  /** Catalogue id → lines for a shell in the workspace that leave there what somebody else will run, as the entry's witness does. */
  readonly attempts: ReadonlyMap<string, readonly string[]>;
  readonly gates: readonly Gate[];
  /** What a person could change in the set-up. */
  readonly changes: readonly Change[];
}

/** That a hazard can happen. */
export const hazardFact = (hazard: Hazard): Fact => ['hazard', hazard];

/** That the model has no rule that could decide whether a hazard can happen. */
export const undecidedFact = (hazard: Hazard): Fact => ['undecided', hazard];

/** The key of a fact in `origins`. */
export const keyOf = (fact: Fact): string => JSON.stringify(fact);
