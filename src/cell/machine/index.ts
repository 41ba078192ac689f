/**
 * The machine: which layers of isolation it gives, and how to get the missing ones.
 *
 * @module
 */
export { type Attempt, type Attempts, type Container, gatherFacts, type MachineFacts } from './facts.ts';
export { type DoctorReport, doctorReport, type LayerReport, type Mend, reportLines } from './report.ts';
