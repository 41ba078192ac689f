/**
 * The run record (`run --json FILE`), version 1; its JSON Schema is docs/reference/run-record.schema.json.
 *
 * @module
 */
import { accessSync, constants, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { AppliedLimit } from '../../cell/plan/index.ts';
import type { Coverage, EffectiveState } from '../../contract/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { RunGrade } from './grade-summary.ts';
import type { Tally } from './tally.ts';

export interface RunRecord {
  version: 1;
  run: string;
  /** version of Ringfence */
  ringfence: string;
  contract: { name: string; path: string; sha256: string };
  command: string[];
  workspace: string;
  started: string;
  ended: string;
  /** code or signal of the program; `status`: what `run` itself exited with */
  exit: { code?: number; signal?: number; status: number };
  reason: string;
  /** true: what was recorded last may be missing */
  incomplete: boolean;
  isolation: string;
  effective: EffectiveState;
  never: Partial<Record<string, Coverage>>;
  limits: Record<string, AppliedLimit>;
  totals: Tally['totals'];
  denials: Tally['denials'];
  violations: Tally['violations'];
  findings: Tally['findings'];
  /** what judges failed at, and why; absent where there were none */
  unjudged?: Tally['unjudged'];
  /** limits that ran out, with what was used: `used` beyond `max` is the overshoot of supervision */
  reached: Tally['limits'];
  flows: Tally['flows'];
  changes: { path: string; kind: string; type?: string; executable: boolean }[];
  /** what success and the hidden check say of the result; absent where it was not graded */
  grade?: RunGrade;
  /** paths of the original that changed while the run went on */
  originalChanged: string[];
  /** folder of the ledger */
  ledger: string;
}

/**
 * Asked before the run: after it, a record that cannot be written is too late.
 *
 * @throws CommandError where no file can be made there
 */
export function requireWritable(path: string): void {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a folder');
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new CommandError(
      'no-record',
      `the record cannot be written to ${path}: ${why}; nothing was started`,
      'name a file in a folder that you can write: --json FILE',
      EXIT.notContained,
    );
  }
}

/** Written whole or not at all. */
export function writeRecord(path: string, record: RunRecord): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(temporary, path);
}
