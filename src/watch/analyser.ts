/**
 * What an analyser is: code that reads an event as data cannot (a script as a shell does, a change set as a person) and
 * says what it saw as further observations, for rules to match.
 *
 * @module
 */
import type { Contract, LedgerEvent } from '../contract/index.ts';
import type { Observation } from './observation.ts';
import type { Processes } from './observe/index.ts';

/** What is known beside the event at hand. */
export interface History {
  readonly contract: Contract;
  readonly processes: Processes;
  /** microseconds since 1970 of the event, never before the one that came earlier */
  readonly time: number;
  /** what the event itself became */
  readonly observations: readonly Observation[];
}

export interface Analyser {
  /** what it is called when it fails */
  readonly name: string;
  /** What takes long to make ready, in pieces: done one by one while nothing happens, so that no act waits for it. */
  pieces?(): readonly (() => void)[];
  observe(event: LedgerEvent, emit: (observation: Observation) => void, history: History): void;
  /** The run is over, and nothing of it will follow. */
  end?(emit: (observation: Observation) => void): void;
  /** how much of its state was dropped to stay within bounds since it was last asked */
  lost?(): number;
}
