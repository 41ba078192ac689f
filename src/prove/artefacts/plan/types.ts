/**
 * What a plan is held against, and what comes of it.
 *
 * @module
 */
import type { Contract, PackageIndex } from '../../../contract/index.ts';

/** What a plan promises, each with the words in which a broken one is told. */
export const PROMISES = {
  form: 'the plan is one that can be read in one way only',
  namespaces: 'the program runs in namespaces of its own, under no user of the host but its own',
  own: 'what of the host is shown is shown at its own place, as the machine has it',
  read: 'nothing of the host can be read but what the contract names and the stated base',
  hidden: 'what files.hide names cannot be seen',
  records: 'Ringfence’s own keys, records and sockets cannot be seen',
  write: 'nothing of the host can be changed but what the contract lets be written',
  landlock: 'Landlock lets nothing be written that the contract does not let be written',
  programs: 'nothing can be executed but the programs that the contract lists',
  flags: 'no set-user-id file and no device counts inside',
  filter: 'system calls are filtered by the policy of this contract',
  limits: 'the limits are no larger than the contract’s',
  environment: 'no variable comes in but those that the contract and the stated base name',
  secrets: 'no secret is inside',
  network: 'nothing can be reached but what the contract names',
  supervision: 'the supervisor watches and probes what is started',
  command: 'what is started is what was asked for',
} as const;
export type Promised = keyof typeof PROMISES;

/** One way in which a plan gives more than the contract. */
export interface Breach {
  readonly promise: Promised;
  /** what is wrong, in a sentence without a full stop */
  readonly says: string;
  /** a concrete path (or name) that shows it */
  readonly witness?: string;
  /** number of the operation in the plan, from 0 */
  readonly operation?: number;
  /** contract path that is exceeded */
  readonly clause?: string;
}

export type PlanVerdict =
  | { readonly verdict: 'proved'; readonly promises: readonly Promised[] }
  | { readonly verdict: 'refuted'; readonly breaches: readonly Breach[] };

/** The contract and the machine that a plan of a cell is for: what it may rely on, and nothing that the compiler found out. */
export interface CellFacts {
  readonly contract: Contract;
  /** folder that relative paths of the contract start at */
  readonly base: string;
  readonly command: readonly string[];
  readonly run: string;
  readonly folders: { readonly upper: string; readonly work: string; readonly marker: string };
  /** layers that are laid over the workspace, topmost first: a result that is graded */
  readonly layers?: readonly string[];
  readonly host: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly uid: number;
    readonly gid: number;
    readonly home: string;
    readonly user: string;
  };
  /** kernel id of a root run's cell */
  readonly unprivileged: number;
  readonly processors: number;
  readonly groups: {
    readonly limits: Readonly<Partial<Record<'cpus' | 'memory' | 'processes', string>>>;
    readonly folders: readonly { readonly path: string; readonly role: string }[];
  };
  /** files of the run's certificate authority */
  readonly trust?: { readonly bundle: string; readonly authority: string; readonly java: string };
  readonly placeholders?: Readonly<Record<string, string>>;
  readonly packages?: readonly PackageIndex[];
  /** folders of Ringfence's own: keys, records of runs, sockets. Never shown */
  readonly own: readonly string[];
  /** values that must not be in the plan */
  readonly secrets?: readonly string[];
  /** what was allowed of the terminal beyond the usual */
  readonly clipboard?: boolean;
  /** bytes that lie in the workspace of a `direct` run, and count as used disk */
  readonly present?: number;
  /** folders of a run on a copy: the copy of the workspace, the home, the temporary folder; what holds them */
  readonly copy?: {
    readonly base: string;
    readonly copy: string;
    readonly home: string;
    readonly temporary: string;
  };
}
