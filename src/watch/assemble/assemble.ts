/**
 * The detectors and analysers of a contract. Each part of `watch` adds its own here, in a line.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import { analysersOf, type Setting } from '../analyse/index.ts';
import type { Analyser } from '../analyser.ts';
import type { Detector } from '../detector.ts';
import { flowDetectors } from '../flows/index.ts';

export interface Watchers {
  detectors: Detector[];
  analysers: Analyser[];
}

/** What watches a run of this contract. */
export function watchersOf(contract: Contract, setting: Setting = {}): Watchers {
  return { detectors: [...flowDetectors()], analysers: analysersOf(contract, setting) };
}
