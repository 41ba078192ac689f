/**
 * What an analyser is: it reads events and adds observations that no single event shows, on which rules then match.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';
import type { Observation } from '../observation.ts';

export type Emit = (observation: Observation) => void;

/**
 * Sees every event of a run once, in order. What it keeps is bounded. It never throws for what an event says: text from
 * inside that cannot be read gives an observation that says so, or none.
 */
export interface Analyser {
  observe(event: LedgerEvent, emit: Emit): void;
  /** the run is over, and nothing of it will follow */
  end?(emit: Emit): void;
}

/** What analysers know of a run beside its events. */
export interface Setting {
  /** absolute; absent: where the program was started */
  workspace?: string;
  /** the home that is seen inside, absolute */
  home?: string;
  /** `objective.task`: what was asked for is no alarm */
  task?: string;
  /** `objective.success.run`: the command whose exit code decides */
  success?: string;
  /** folders of Ringfence's own records, absolute */
  records?: readonly string[];
}
