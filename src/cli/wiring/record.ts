/**
 * The run record (`run --json FILE`), version 1; its JSON Schema is docs/reference/run-record.schema.json.
 *
 * @module
 */
import { renameSync, writeFileSync } from 'node:fs';
import type { AppliedLimit } from '../../cell/plan/index.ts';
import type { EffectiveState } from '../../contract/index.ts';
import type { Coverage } from '../../contract/never.ts';
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
  isolation: string;
  effective: EffectiveState;
  never: Partial<Record<string, Coverage>>;
  limits: Record<string, AppliedLimit>;
  totals: Tally['totals'];
  denials: Tally['denials'];
  violations: Tally['violations'];
  flows: Tally['flows'];
  changes: { path: string; kind: string; type?: string; executable: boolean }[];
  /** paths of the original that changed while the run went on */
  originalChanged: string[];
  /** folder of the ledger */
  ledger: string;
}

/** Written whole or not at all. */
export function writeRecord(path: string, record: RunRecord): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(temporary, path);
}
