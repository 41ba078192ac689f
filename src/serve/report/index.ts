/**
 * One report of a run: a page that stands alone.
 *
 * @module
 */
export { BOUNDS } from './bounds.ts';
export { Gathered, type GatherOptions } from './gather.ts';
export type { ChangedPath, Changes, Integrity, ReportInput } from './input.ts';
export { reportPage } from './page.ts';
export { ReportFileError, writeReport } from './write.ts';
