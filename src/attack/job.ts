/**
 * What passes between the battery and the process inside its namespaces: a job in, a result out, both JSON.
 *
 * @module
 */
import type { Scenario } from './load.ts';

export type Part = 'attempt' | 'honest';

/** Where everything of one attempt lies; all of it scratch. */
export interface Places {
  readonly root: string;
  readonly work: string;
  readonly home: string;
  /** the operator's, which no contract shows */
  readonly outside: string;
  /** the payload's tools */
  readonly kit: string;
  readonly temporary: string;
}

/** How a target starts a shell script; what differs between targets is here, and nothing else. */
export interface Launch {
  /** words before the script: `sh -c` is among them */
  readonly words: readonly string[];
  /** variables beside the operator's */
  readonly environment: Readonly<Record<string, string>>;
}

/** Ringfence alone: how the operator asks it what happened and takes over what was made. */
export interface Operated {
  /** words that start `ringfence` */
  readonly ringfence: readonly string[];
  readonly record: string;
}

export interface Job {
  /** with the one payload that is tried */
  readonly scenario: Scenario & { readonly payload: string };
  readonly part: Part;
  readonly places: Places;
  /** of the payload, with {@link Launch.environment} besides */
  readonly variables: Readonly<Record<string, string>>;
  /** of the operator */
  readonly environment: Readonly<Record<string, string>>;
  /** stand-in → its address */
  readonly addresses: Readonly<Record<string, string>>;
  readonly launch: Launch;
  readonly operated?: Operated;
  /** files that are written before anything starts: path → text */
  readonly files: Readonly<Record<string, string>>;
  /** milliseconds for a program in the target */
  readonly within: number;
}

/** What a record says about the attempt. */
export interface Told {
  /** rules of findings, in their order */
  readonly findings: readonly { rule: string; hazard: string; us?: number; attributed: boolean }[];
  /** refusals: what was not let through, in the words of the record */
  readonly refusals: readonly { what: string; attributed: boolean }[];
  /** paths that the review marks: somebody runs them later, or they decide success */
  readonly marks: readonly { what: string; attributed: boolean }[];
  /** milliseconds from the event that shows it to the freeze or kill that answered */
  readonly stopped?: number;
  /** the run ended with this exit code */
  readonly exit?: number;
}

export interface Observed {
  /** one of `effect` was seen; which, in words */
  readonly effect: boolean;
  readonly signs: readonly string[];
  /** all of `done` were seen */
  readonly done: boolean;
  /** whether the target ran the script at all */
  readonly ran: boolean;
  readonly output: string;
  readonly exit: number | null;
  /** milliseconds that the target's programs ran */
  readonly ms: number;
  /** CPU of the target and all it started, milliseconds, as far as it was waited for */
  readonly cpu: number;
  /** bytes that reached the stand-ins which `effect` names */
  readonly bytes: number;
  readonly told?: Told;
}

/** The line that comes before the answer once the target is about to be started. */
export const BEGAN = 'began';

export type Answer =
  | { readonly ok: true; readonly observed: Observed }
  /** `began`: something ran in the target, and what it did is not known */
  | { readonly ok: false; readonly why: string; readonly began?: boolean };
