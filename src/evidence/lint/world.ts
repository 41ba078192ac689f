/**
 * What lint knows of everything outside the evidence base that claims link to.
 *
 * @module
 */
import type { Finding, Problem } from '../../contract/index.ts';
import type { Claim, Evidence, Source } from '../load.ts';

export interface KnownRule {
  id: string;
  file: string;
  line: number;
}

export interface World {
  hazards: ReadonlySet<string>;
  rules: readonly KnownRule[];
  affordances: ReadonlySet<string>;
  /** names of ready contracts */
  contracts: ReadonlySet<string>;
  /** ATT&CK and ATLAS ids that have a name in `rules/techniques.txt` */
  techniques: ReadonlySet<string>;
  /** scenario → claims whose mechanism it says it reproduces */
  scenarios: ReadonlyMap<string, readonly string[]>;
  /** whether a path of this repository is there; undefined where the repository is not (an installed package has no tests) */
  hasPath: ((path: string) => boolean) | undefined;
  /** Hash of an event in a run's record; undefined where the run is not on this machine: then nothing can be said. */
  recordOf: (run: string, seq: number) => string | 'missing' | 'broken' | undefined;
  /** `YYYY-MM-DD` */
  today: string;
  /** what problems of the base as a whole are said of: its folder */
  folder: string;
}

/** What a group of checks is given, and says. */
export interface Check {
  evidence: Evidence;
  world: World;
  /** claims that are no drafts */
  settled: readonly Claim[];
  /** ids of files that are there and cannot be read: that is said already */
  unread: ReadonlySet<string>;
  claimById: ReadonlyMap<string, Claim>;
  sourceById: ReadonlyMap<string, Source>;
  say: (
    where: { problem: (finding: Finding) => Problem },
    path: Finding['path'],
    message: string,
    hint: string,
  ) => void;
  /** a problem of something that is no claim or source */
  sayAt: (place: Pick<Problem, 'file' | 'line' | 'column'>, message: string, hint: string) => void;
}
