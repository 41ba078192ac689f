/**
 * How planted contracts and their answers are written.
 *
 * @module
 */
import type { Hazard } from '../../../src/contract/index.ts';

export interface Planted {
  name: string;
  /** Entry of the catalogue that is planted, or that the twin has closed. */
  about: string;
  /** Whether it is the twin in which nothing is planted. */
  safe: boolean;
  /** Contract below its first two lines. */
  contract: Record<string, unknown>;
  /** What can happen, by what was planted. */
  open: Hazard[];
  /** What cannot. Of hazards in neither list planting says nothing. */
  closed: Hazard[];
}

export interface Family {
  family: string;
  /** How the answers follow. */
  about: string;
  cases: Planted[];
}

/** What a cell without a network, over an overlay, keeps from happening: nothing leaves it, nothing lands. */
export const OUT: Hazard[] = [
  'exfiltration',
  'remote-control',
  'resource-acquisition',
  'persistence',
  'self-replication',
  'oversight-tampering',
  'escape',
  'intrusion',
  'sabotage',
  'collusion',
];
/** Whatever a contract says, a program can compute something else. */
const ALWAYS: Hazard[] = ['compute-diversion'];
/** A host that takes requests takes data, copies of the agent, and its answers can be orders. */
export const TALKS: Hazard[] = ['exfiltration', 'remote-control', 'self-replication'];
/** A public host opens nothing of this machine. */
export const HOME: Hazard[] = ['persistence', 'escape', 'oversight-tampering'];

export type Body = Record<string, unknown>;

export const planted = (
  name: string,
  about: string,
  contract: Body,
  open: readonly Hazard[],
  closed: readonly Hazard[] = [],
): Planted => ({ name, about, safe: false, contract, open: [...open, ...ALWAYS], closed: [...closed] });

export const safe = (
  name: string,
  about: string,
  contract: Body,
  closed: readonly Hazard[],
  open: readonly Hazard[] = [],
): Planted => ({ name, about, safe: true, contract, open: [...open, ...ALWAYS], closed: [...closed] });

export const nameOf = (id: string): string => id.replaceAll('.', '-');
