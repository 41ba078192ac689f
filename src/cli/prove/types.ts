/**
 * What the parts of `ringfence prove` hand to each other.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import type { Catalogue } from '../../prove/catalogue/index.ts';
import type { Place, Report } from '../../prove/report/index.ts';
import type { Invocation } from '../command.ts';

export type ProveInvocation = Invocation<'prove'>;
export type Format = 'text' | 'json' | 'sarif' | 'graph' | 'dot';

/** What is proved about: a contract, or somebody else's configuration. */
export interface Subject {
  /** As the caller named it; `-` for standard input. */
  readonly file: string;
  /** Of the file's bytes, lower-case hex. */
  readonly sha256: string;
  /** Ours; `undefined` for what came by `--from`. */
  readonly contract: Contract | undefined;
  /** All hazards. */
  readonly report: Report;
  /** Where a clause (`network[0]`, or in another format its path or flag) is written, if that is known. */
  place(clause: string): Place | undefined;
}

/** What stands beside a subject. */
export interface Setup {
  readonly catalogue: Catalogue;
  /** Of the catalogue's files. */
  readonly digest: string;
  /** Home of whoever asks: `~` in patterns. */
  readonly home: string;
}

/** A question about a subject, with the form that the answer is wanted in. */
export interface Question {
  readonly subject: Subject;
  readonly setup: Setup;
  readonly format: Format;
  readonly invocation: ProveInvocation;
}

/** What could not be read: its problems are printed, and the exit code is 2. */
export type Read<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly exit: number };
