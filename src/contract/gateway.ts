/**
 * What the gateway process is told, and what it tells. It shares no memory and no files with the controller.
 *
 * @module
 */
import type { EventBody } from './events.ts';
import type { NetworkRule } from './schema.ts';

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
}

/**
 * Gateway → controller over IPC. `event` is appended to the ledger as it is (`time`: microseconds since 1970); `fatal`
 * ends the run. `drained` follows the end of the supervisor's channel: every flow is closed and all of it was reported.
 */
export type GatewayMessage =
  | { type: 'ready' }
  | { type: 'event'; time: number; event: EventBody }
  | { type: 'budget'; rule: number; bytes: number; connections: number }
  | { type: 'drained' }
  | { type: 'fatal'; reason: string };
