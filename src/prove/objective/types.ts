/**
 * What an objective is known to need, and what a contract gives beyond that.
 *
 * @module
 */
import type { Hazard } from '../../contract/index.ts';

/** A text of the objective, or of the project, that names what is needed. */
export interface NamedIn {
  /** `objective.task`, `objective.success.run`, or a file and its key: `package.json scripts.test`. */
  readonly where: string;
  readonly text: string;
}

/** What one run used, as its ledger has it. */
export interface Recorded {
  readonly run: string;
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** Requests that the gateway read, which it does only where it looks inside. */
  readonly requests: readonly { readonly host: string; readonly method: string; readonly path: string }[];
  /** Paths of the workspace that were made, changed or removed. */
  readonly written: readonly string[];
  /** Files that were executed. */
  readonly programs: readonly string[];
  /** Names of secrets that were put into requests. */
  readonly secrets: readonly string[];
  /** Ecosystems of which something was asked for. */
  readonly ecosystems: readonly string[];
  /** Effects that a person was asked about. */
  readonly asked: readonly string[];
  /** Events that a sensor lost: what they would have shown is not here. */
  readonly lost: number;
  /** What of it is not as asked about, as clauses: `was of another contract (old.yaml)`. */
  readonly differs?: readonly string[];
  /** Whether the run did what it was for, as far as that was graded; `undefined`: it was not. */
  readonly succeeded: boolean | undefined;
}

export interface Evidence {
  readonly named: readonly NamedIn[];
  /** Ecosystems of the project's own dependencies: npm, pip. */
  readonly ecosystems: readonly string[];
  readonly recorded: Recorded | undefined;
}

/** What is known of the need for one grant. */
export interface Judged {
  /** Path of the contract: `network[0]`. */
  readonly clause: string;
  /** What it gives, for people. */
  readonly grant: string;
  /** `excess`: nothing that is known needs it, or not all of it; `unsaid`: nothing that is known could say. */
  readonly need: 'needed' | 'excess' | 'unsaid';
  /** A clause of a sentence. */
  readonly why: string;
  /** What to write instead. */
  readonly fix?: string;
  /** Of what is partly needed, what is: patterns of paths, programs, hosts. */
  readonly keeps?: readonly string[];
  /** Of requests: the methods that are needed. */
  readonly methods?: readonly string[];
}

/** Something that a contract gives and nothing that is known needs. */
export interface Excess extends Judged {
  readonly need: 'excess';
  /** Hazards that close without it, by itself. */
  readonly leaves: readonly Left[];
}

/** A hazard, and what is said of it without the excess. */
export interface Left {
  readonly hazard: Hazard;
  readonly verdict: 'PROVED' | 'UNKNOWN';
}

export interface ExcessReport {
  /** What was looked at, in words. */
  readonly from: readonly string[];
  readonly excess: readonly Excess[];
  readonly needed: readonly Judged[];
  readonly unsaid: readonly Judged[];
  /** Hazards that close without all of the excess together. */
  readonly together: readonly Left[];
  /** What limits the answer. */
  readonly limits: readonly string[];
}
