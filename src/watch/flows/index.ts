/**
 * Flows: what leaves the cell, judged by its shape.
 *
 * @module
 */
import type { Detector } from '../detector.ts';
import { FlowDetector } from './flows.ts';

export { ruleOfShape } from './flows.ts';
export { FLOW_RULES } from './rules.ts';

/** Detectors of flows; the same for every contract: what it declares is enforced by the gateway. */
export const flowDetectors = (): Detector[] => [new FlowDetector()];
