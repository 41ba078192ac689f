/**
 * What the gateway process is told, and what it tells. It shares no memory and no files with the controller.
 *
 * @module
 */
import type { EventBody } from './events.ts';
import type { NetworkRule } from './schema.ts';
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

/** One index of `packages`, with everything that it serves. */
export interface PackageIndex {
  ecosystem: 'npm' | 'pip' | 'files';
  from: string;
  /** PEM; absent: the machine's authorities */
  ca?: string;
  artefacts: PackageArtefact[];
}

/** One file that can be had. `digest` is `sha512-BASE64` (SRI) or `sha256:HEX`; absent where a named set gives none. */
export interface PackageArtefact {
  name: string;
  version: string;
  /** file name as clients see it; absent where only the index upstream tells it */
  file?: string;
  /** where it lies upstream; absent: the ecosystem's usual place below `from` */
  url?: string;
  digests: string[];
}

/** Controller → gateway, after the configuration: an operator's word. */
export type GatewayOrder =
  /** the answer to a question; `why` says for the record why it is denied */
  | ({ order: 'answer'; question: number; allow: boolean; rule?: NetworkRule; why?: string } & RuleTerms)
  /** one more rule of the running contract */
  | ({ order: 'rule'; rule: NetworkRule } & RuleTerms);

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
  | { type: 'budget'; rule: number; bytes: number; connections: number }
  | { type: 'drained' }
  | { type: 'fatal'; reason: string };
