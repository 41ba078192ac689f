/**
 * An attack on an objective: a result that looks like success and does not do the task.
 *
 * @module
 */
import type { Edits } from '../edits.ts';

export const ATTACKS = [
  'no-op',
  'early-exit',
  'always-equal',
  'skipped-test',
  'edited-configuration',
  'special-cased',
] as const;
export type Attack = (typeof ATTACKS)[number];

/** One way to do it. */
export interface Candidate {
  attack: Attack;
  /** what it does, in a few words */
  how: string;
  edits: Edits;
}

export const editsOf = (files: Record<string, string | undefined>, mode?: number): Edits =>
  new Map(
    Object.entries(files).map(([path, content]) => [path, { content, ...(mode !== undefined && { mode }) }]),
  );
