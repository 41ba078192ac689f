/**
 * What the gateway process is told, and what it tells. It shares no memory and no files with the controller.
 *
 * @module
 */
import type { EventBody } from './events.ts';
import type { NetworkRule, PeopleRule } from './schema.ts';
import type { ModelRule } from './schema-models.ts';
import type { Owner } from './supervisor.ts';

/** Controller → gateway, first message over IPC. */
export interface GatewayConfig {
  run: string;
  network: NetworkRule[];
  /** host name → addresses, lower case, from the contract's `resolve` */
  resolve: Record<string, string[]>;
  /** the machine's resolvers, `ADDRESS` or `ADDRESS:PORT`, from resolv.conf; empty: only `resolve` answers */
  resolvers: string[];
  /** names from the machine's hosts file */
  hosts: Record<string, string[]>;
  /** milliseconds */
  timeouts: { dial: number; verdict: number; registration: number; idle: number };
  /** the run's own certificate authority (PEM), for rules that look inside TLS; absent where none does */
  authority?: { certificate: string; key: string };
  /** PEM of the authorities that upstream certificates are checked against: the machine's, and those of single rules by index */
  trusted?: { machine: string; rules: Record<number, string> };
  /** what is put into requests; the gateway alone knows the values */
  secrets?: InsertedSecret[];
  /** artefacts that can be had, by index of `packages` */
  packages?: PackageIndex[];
  /** where copies of artefacts are kept; there with `packages` */
  store?: PackageStore;
  /** models that can be called */
  models?: ModelAccess[];
  /** servers of tools, in the order of the contract */
  tools?: ToolServer[];
  /** channels to people */
  people?: PeopleRule[];
  /** true: scaffolds inside may declare their tool calls */
  declarations?: true;
  /** effects that are asked about; `patience` in milliseconds */
  approve?: { effects: readonly string[]; patience: number };
  /** true: every public name is allowed and recorded, for `learn` alone */
  permissive?: boolean;
}

/** A secret with its value. `placeholder` is what the cell sees in its place. */
export interface InsertedSecret {
  name: string;
  hosts: readonly string[];
  as: 'bearer' | 'basic' | 'header' | 'query';
  /** header or query parameter */
  parameter?: string;
  user?: string;
  value: string;
  placeholder: string;
}

/** One entry of `models`, with the key that the gateway alone knows. */
export interface ModelAccess
  extends Pick<ModelRule, 'provider' | 'models' | 'features' | 'budget' | 'prices'> {
  /** which of `models` */
  rule: number;
  /** without a slash at its end */
  endpoint: string;
  /** absent: the endpoint wants none */
  key?: string;
  /** PEM of the authorities that the endpoint's certificate is checked against; absent: it is asked in the clear */
  authorities?: string;
}

/** One server of tools, and what may be called of it. */
export interface ToolServer {
  /** which of `tools` */
  rule: number;
  /** its name inside */
  name: string;
  /** `process`: the controller starts it and hands its two streams over; else the gateway asks it over HTTP */
  via: { kind: 'process' } | { kind: 'http'; url: string; headers: Record<string, string>; ca?: string };
  allow: readonly string[];
  approve: readonly string[];
  deny: readonly string[];
  /** tool → condition, in CEL */
  when: Readonly<Record<string, string>>;
  confidential: readonly string[];
  /** milliseconds for a call, bytes of a result, calls in all */
  time: number;
  result: number;
  calls: number;
  /** tool → digest of its definition; absent: the first one that is seen counts */
  pins?: Record<string, string>;
}

/** One index of `packages`, with everything that it serves. */
export interface PackageIndex {
  /** which of `packages` */
  rule: number;
  ecosystem: 'npm' | 'pip' | 'files';
  from: string;
  /** PEM; absent: the machine's authorities */
  ca?: string;
  artefacts: PackageArtefact[];
}

/** One thing that can be had. Digests are `ALGORITHM-BASE64` (SRI); none where a named set gives none. */
export interface PackageArtefact {
  name: string;
  version: string;
  /** file name as clients see it; absent where only the index upstream tells it */
  file?: string;
  /** where it lies upstream; absent where only the index upstream tells it */
  url?: string;
  /** paths under which clients look for it, beside the usual one */
  paths?: string[];
  /** npm: what an installer needs before it has the file; absent: taken from upstream's manifest */
  manifest?: Record<string, unknown>;
  /** any one of them */
  digests: string[];
  /** true: for another kind of machine; installers want to know of it, nobody gets it */
  foreign?: boolean;
}

/** What the gateway needs for packages beside the indexes. */
export interface PackageStore {
  /** folder with this contract's copies, which the gateway can read */
  folder: string;
  /** digests that were learnt when a file without one was first fetched, by the copy's key */
  learned: Record<string, string>;
  /** PEM of the machine's authorities, for indexes that name none; empty where no index is asked over TLS */
  authorities: string;
  /** true: nothing is fetched, what has no copy cannot be had; for graders */
  copiesOnly?: boolean;
}

/** Controller → gateway, after the configuration: an operator's word. */
export type GatewayOrder =
  /**
   * the answer to a question; `digest` is of what was shown (`questionDigest`), `why` says for the record why it is
   * denied
   */
  | ({
      order: 'answer';
      question: number;
      digest: string;
      allow: boolean;
      rule?: NetworkRule;
      why?: string;
    } & RuleTerms)
  /** one more rule of the running contract */
  | ({ order: 'rule'; rule: NetworkRule } & RuleTerms)
  /** a copy was kept, or why not */
  | { order: 'kept'; copy: number; problem?: string }
  /** the beginning or the end of a declared call is on record */
  | { order: 'recorded'; call: string }
  /** a process of the cell ended: what only it waited for is withdrawn */
  | { order: 'gone'; pid: number }
  /** the process of a server ended, or could not be started; `again`: it is started once more */
  | { order: 'server-gone'; server: number; why: string; again: boolean };

/** Controller → gateway with a handle: one of the two streams of a server's process. */
export interface ServerStream {
  server: number;
  stream: 'stdin' | 'stdout';
}

/** Those that come from a person. */
export type OperatorOrder = Exclude<GatewayOrder, { order: 'kept' | 'gone' | 'recorded' | 'server-gone' }>;

/** How an operator's rule holds. */
export interface RuleTerms {
  /** milliseconds since 1970; absent: as long as the run. A denial without it holds for this once */
  until?: number;
  /** true: for one connection */
  once?: boolean;
  /** addresses that were written out for the rule's host, of whatever kind */
  addresses?: string[];
}

/**
 * Gateway → controller over IPC. `event` is appended to the ledger as it is (`time`: microseconds since 1970); `fatal`
 * ends the run. `drained` follows the end of the supervisor's channel: every flow is closed and all of it was reported.
 */
export type GatewayMessage =
  | { type: 'ready' }
  | { type: 'event'; time: number; event: EventBody }
  /** somebody must say whether this may be; unanswered, it is denied once */
  | { type: 'ask'; question: number; effect: string; what: string; rule?: NetworkRule; owner?: Owner }
  /** a question was closed without an answer: by a rule that covers it (allow), or because nobody answered */
  | { type: 'closed'; question: number; allow: boolean; why: string }
  /** an operator's rule for this host is in force, and the questions that it covers are closed */
  | { type: 'amended'; host: string }
  | { type: 'budget'; rule: number; bytes: number; connections: number }
  /** bytes of an artefact on their way to its copy, base64; the first message says whose they are */
  | { type: 'copy'; copy: number; of?: CopyOf; data: string }
  /** that was all of it (`digest`: SHA-512 of it, SRI), or it is to be forgotten */
  | { type: 'copied'; copy: number; digest: string }
  | { type: 'uncopied'; copy: number }
  /** what the index upstream told of all that is listed, to be known without asking in later runs */
  | { type: 'offers'; index: number; offers: PackageOffer[] }
  /** definitions that were seen first in this run, by number of the server: tool → digest */
  | { type: 'pins'; server: number; pins: Record<string, string> }
  | { type: 'drained' }
  | { type: 'fatal'; reason: string };

/** What a copy is of: the numbers of index and artefact in the configuration, the file where the index upstream told it. */
export interface CopyOf {
  index: number;
  artefact: number;
  file: string;
  /** not listed, but allowed by the operator: such a copy is of this run alone, and `artefact` says nothing */
  asked?: Pick<PackageArtefact, 'name' | 'version' | 'digests'>;
}

/** A file of a listed artefact, as the index upstream told of it. */
export interface PackageOffer {
  /** number of the artefact in its index */
  artefact: number;
  file: string;
  url: string;
  digests: string[];
  manifest?: Record<string, unknown>;
  requiresPython?: string;
}
