/**
 * What a safety case is made from: all of it looked up before, so that the case itself is a pure function.
 *
 * @module
 */
import type { Acceptance, Coverage, Hazard } from '../../contract/index.ts';
import type { Verdict } from '../../prove/report/index.ts';
import type { Changed, Predicate, StatementKind, Subject } from '../attest/index.ts';

/** A piece of evidence: what is there of it, and what makes it anew. */
export interface Held<K extends StatementKind> {
  /** arguments of `ringfence` */
  readonly command: readonly string[];
  /** the newest that verifies; of several, a fresh one before any other. Absent: there is none. */
  readonly found?: {
    readonly file: string;
    /** of that file, or of the head of the record that it is from */
    readonly sha256: string;
    readonly subjects: readonly Subject[];
    readonly predicate: Predicate<K>;
    /** what is another now; empty: it is fresh */
    readonly changed: readonly Changed[];
  };
}

export interface CaseInput {
  /** RFC 3339, UTC */
  readonly made: string;
  /** version of Ringfence */
  readonly ringfence: string;
  readonly contract: {
    readonly name: string;
    /** as the caller named it */
    readonly file: string;
    readonly sha256: string;
    readonly task?: string;
  };
  /** What the contract itself says of every hazard. */
  readonly coverage: Readonly<Partial<Record<Hazard, Coverage>>>;
  /** Proved now, of what is here now. */
  readonly verdicts: readonly Verdict[];
  readonly accepted: readonly Acceptance[];
  readonly proof: Held<'proof'>;
  readonly readBack: Held<'read-back'>;
  readonly review: Held<'review'>;
  readonly reproductions: readonly {
    readonly scenario: { readonly id: string; readonly hazard: Hazard; readonly title: string };
    readonly held: Held<'reproduction'>;
  }[];
  readonly claims: readonly {
    readonly id: string;
    readonly title: string;
    readonly hazards: readonly Hazard[];
    /** one line */
    readonly status: string;
    /** one line */
    readonly coverage: string;
    /** the claim and its sources as subjects of statements: `claims/ID`, `claims/sources/ID` */
    readonly subjects: readonly string[];
  }[];
  /** Files of evidence that do not verify. */
  readonly damaged: readonly { readonly file: string; readonly why: string }[];
  /** The kernel that runs, in words. */
  readonly kernel: string;
  /** Id of the key that signs here. */
  readonly key: string;
}
