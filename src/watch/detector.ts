/**
 * What every detector is: rules of any engine, temporal monitors, resource accounting, baselines, campaigns.
 *
 * @module
 */
import type { FindingLevel, Hazard } from '../contract/index.ts';
import type { Observation } from './observation.ts';

/** What is known of a rule before it sees anything. */
export interface RuleInfo {
  /** dotted, stable: `remote-control.reverse-ssh` */
  readonly id: string;
  readonly title: string;
  readonly hazard: Hazard;
  readonly level: FindingLevel;
  /** ATT&CK and ATLAS: `T1572`, `AML.T0053` */
  readonly techniques: readonly string[];
  /** what it does not see, in a sentence */
  readonly limit: string;
  /** true: kept back for evaluation, never a signal for training */
  readonly reserved?: boolean;
  /**
   * rules about the command that does what this rule sees the effect of: once one of them was found of the same process or
   * of one above it, this is further evidence of that, not another finding
   */
  readonly effectOf?: readonly string[];
}

/** A detector's statement. */
export interface Detection {
  readonly rule: RuleInfo;
  readonly text: string;
  readonly cites: readonly number[];
  /** microseconds since 1970: when it became true */
  readonly time: number;
  /** detections of one rule with the same key are the same matter: counted, not repeated */
  readonly key: string;
  readonly run: string;
  readonly cell: string;
  /** the campaign that it belongs to, where cells are judged together */
  readonly campaign?: string;
}

export type Report = (detection: Detection) => void;

/**
 * Sees observations in order of time, one at a time, and says what follows. Memory is bounded whatever comes; what was
 * dropped for that is told by `lost`.
 */
export interface Detector {
  /** what it is called when it fails; default: its class */
  readonly name?: string;
  /** What the first observations would otherwise wait for, done while nothing happens yet. */
  prepare?(): void;
  /** What takes long to make ready, in pieces: done one by one while nothing happens, so that no act waits for it. */
  pieces?(): readonly (() => void)[];
  observe(observation: Observation, report: Report): void;
  /** Time has passed, to `time` (µs), without an observation: what waits for an absence can fire. */
  tick?(time: number, report: Report): void;
  /** The run is over. */
  end?(report: Report): void;
  /** how much of its state was dropped to stay within bounds since it was last asked */
  lost?(): number;
}
