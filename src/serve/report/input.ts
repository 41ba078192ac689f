/**
 * What a page is made from, beside the events.
 *
 * @module
 */
import type { Gathered } from './gather.ts';

/** What the record’s chain and signatures say, checked when the page was made. */
export interface Integrity {
  state: 'ok' | 'incomplete' | 'broken' | 'unknown';
  /** why it is not known, or what is wrong, and where */
  problems: readonly string[];
  size: number;
  signed: number;
  checkpoints: number;
  /** hash of the last record, hex */
  head: string;
  pruned?: number;
  recoveries: number;
}

/** A path that the run changed: never its content, which may be anything. */
export interface ChangedPath {
  path: string;
  kind: string;
  section: string;
  notes: readonly string[];
}

export type Changes =
  | { items: readonly ChangedPath[]; all: number; digest: string; incomplete?: string }
  /** why they cannot be shown */
  | { missing: string };

export interface ReportInput {
  run: string;
  /** version of Ringfence, and RFC 3339 */
  version: string;
  made: string;
  gathered: Gathered;
  integrity: Integrity;
  changes: Changes;
  isOngoing: boolean;
  /** what `run.json` says, which nobody signed: for where the record no longer holds how the run began */
  unsigned?: {
    name: string;
    path: string;
    sha256: string;
    command: readonly string[];
    workspace: string;
    started: string;
  };
  /** what `ringfence run` exited with, where it is known */
  status?: number;
  /** what was done with the change set: `applied on …: 3 paths` */
  landings: readonly string[];
  transcripts: boolean;
}
