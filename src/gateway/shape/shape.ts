/**
 * What the shapes of flows have in common: they see how many bytes went which way and when, and the bytes themselves where
 * these are not encrypted, and say what a flow looks like. They change nothing and hold nothing back.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';

/** What a flow looks like; see `flow.shape` in the contract's events. */
export type ShapeName =
  | 'reverse-ssh'
  | 'ssh-forward'
  | 'ssh-session'
  | 'interactive'
  | 'reverse-tunnel'
  | 'socks'
  | 'websocket-tunnel'
  | 'stratum'
  | 'stratum-v2'
  | 'dns-tunnel'
  | 'vpn'
  | 'bulk';

export interface Shape {
  readonly shape: ShapeName;
  /** 0 to 1 */
  readonly confidence: number;
  /** what was seen, for the operator */
  readonly detail: string;
}

/** Sees one flow. `at`: milliseconds of a monotonic clock; never decreasing. */
export interface ShapeReader {
  /** `undefined`: nothing new. */
  feed(direction: Direction, chunk: Uint8Array, at: number): Shape | undefined;
  /** true: it will never say anything more */
  readonly done: boolean;
  /** true: done, because the flow does not go on as it began */
  readonly lost?: boolean;
  /** what it keeps of what went by: no conversation makes it more than a few packets. Unit: bytes. */
  readonly held: number;
}
