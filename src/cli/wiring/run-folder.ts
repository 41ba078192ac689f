/**
 * Where a run keeps what it leaves behind: one folder per run, the operator's alone.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { ensureFolder, folders } from '../folders.ts';

export interface RunFolder {
  id: string;
  path: string;
  ledger: string;
  /** the overlay's upper layer: what the run changed */
  upper: string;
  work: string;
  /** a file outside the view that probes look for */
  marker: string;
  /** what `runs`, `why` and others read: {@link RunFacts} */
  facts: string;
}

/** What is known of a run before and while it runs. */
export interface RunFacts {
  version: 1;
  id: string;
  name: string;
  contract: { name: string; path: string; sha256: string };
  command: string[];
  workspace: string;
  started: string;
  pid: number;
  /** start time of that process, field 22 of proc_pid_stat(5): ids come again */
  startTime: string;
  groups: string[];
  ended?: string;
  exit?: number;
  reason?: string;
}

/** Ids sort by time: `20261121-201500-1a2b3c`. */
function newId(now: Date): string {
  const [date, time] = now.toISOString().split('T') as [string, string];
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${randomBytes(3).toString('hex')}`;
}

/**
 * @param owner kernel id that the cell's files belong to, where that is not our own
 * @throws CommandError where the folder cannot be made; nothing runs then
 */
export function makeRunFolder(owner: number | undefined): RunFolder {
  const id = newId(new Date());
  try {
    const path = join(ensureFolder(folders().runs), id);
    const cell = join(path, 'cell');
    mkdirSync(path, { mode: 0o700 });
    mkdirSync(cell, { mode: 0o700 });
    const folder: RunFolder = {
      id,
      path,
      ledger: join(path, 'ledger'),
      upper: join(cell, 'upper'),
      work: join(cell, 'work'),
      marker: join(path, 'marker'),
      facts: join(path, 'run.json'),
    };
    for (const made of [folder.upper, folder.work]) {
      mkdirSync(made, { mode: 0o755 });
      chmodSync(made, 0o755);
      if (owner !== undefined) chownSync(made, owner, owner);
    }
    writeFileSync(folder.marker, 'A probe that reads this has left its cell.\n', { mode: 0o644 });
    return folder;
  } catch (error) {
    if (error instanceof Error && 'hint' in error) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new CommandError(
      'no-run-folder',
      `the run cannot be recorded, so nothing was started: ${(error as Error).message}`,
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'free some disk space, or set XDG_STATE_HOME to a place that has some'
        : 'set XDG_STATE_HOME to a folder that you can write',
      EXIT.notContained,
    );
  }
}

export function writeFacts(folder: Pick<RunFolder, 'facts'>, facts: RunFacts): void {
  writeFileSync(folder.facts, `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 });
}
