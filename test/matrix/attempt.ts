/**
 * What an attempt is: data. A hazard, a line of the threat model, a command that tries, and a judge that looks at the
 * effect outside the cell.
 *
 * @module
 */

import type { Layer } from '../../src/contract/events.ts';
import type { Hazard } from '../../src/contract/hazards.ts';
import type { Host } from './host.ts';

/** The threat model's headings, and `affordances` for what the acceptance list names beyond them. */
export const TOPICS = [
  'Identity',
  'Inherited descriptors',
  'Stalling the supervisor',
  'Forging ownership',
  'Ports',
  'Threads',
  'Unix sockets',
  'Freeze',
  'PID 1',
  'Sockets',
  'Programs',
  'What cannot be hidden',
  'Overlay',
  'Events',
  'Limits',
  'affordances',
] as const;

export type Topic = (typeof TOPICS)[number];

/** Contracts the attempts run under; the text is made in `contracts.ts`. */
export type ContractName = 'plain' | 'online' | 'limits' | 'short' | 'programs';

/** What is known once the attempt and its run are over. */
export interface Evidence {
  /** exit code of the attempt itself; 0 is its own claim of success */
  exit: number;
  /** what the attempt printed (both streams) */
  output: string;
  run: RunOutcome;
  /** what the host saw while the run lasted */
  seen?: string;
}

export interface RunOutcome {
  exit: number;
  stdout: string;
  stderr: string;
  /** wall clock, milliseconds */
  ms: number;
}

/** The effect that was found outside, in a few words; `undefined` when there is none. */
export type Judge = (host: Host, evidence: Evidence, id: string) => string | undefined;

export interface Attempt {
  /** unique, lower case with dashes */
  id: string;
  hazard: Hazard;
  topic: Topic;
  /** the layer that is expected to hold; the table groups by it */
  layer: Layer;
  command: (host: Host) => string[];
  judge: Judge;
  contract?: ContractName;
  /** needs a run of its own (it may end it, or needs its own start) */
  alone?: true;
  /** measures or counts something that other attempts would disturb: nothing else runs meanwhile */
  quiet?: true;
  /** how the whole run is started: with odd standard input, open descriptors, on a terminal */
  start?: (host: Host, argv: string[]) => string[];
  /** runs beside the attempt, until it returns or the run ends */
  watch?: (host: Host, over: () => boolean) => Promise<string | undefined>;
  /** why it cannot succeed without a cell for this identity, where that is known beforehand */
  bare?: (host: Host) => string | undefined;
  /** has no bare form at all (`bare` says why); it is not started there */
  cellOnly?: true;
  /** puts back what the attempt changed outside */
  undo?: (host: Host) => void;
  /** seconds it may take, default 8 */
  seconds?: number;
  /** honest work: inside the cell it must succeed */
  control?: true;
}
