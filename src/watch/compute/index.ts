/**
 * Compute, declared against observed.
 *
 * @module
 */
import type { Detector } from '../detector.ts';
import { ComputeDetector } from './compute.ts';
import type { CpuOf } from './cpu.ts';

export { type CpuOf, cpuOf } from './cpu.ts';
export { COMPUTE_RULES } from './rules.ts';

/** For a run that goes on now, on this machine: `cpuOf` asks its kernel. Of an old run nothing can be asked any more. */
export const computeDetectors = (cpuOf: CpuOf): Detector[] => [new ComputeDetector(cpuOf)];
