/**
 * Where a run keeps what it leaves behind: one folder per run, the operator's alone.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeTree } from '../../cell/reduced/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { ensureFolder, folders } from '../folders.ts';
import type { RunGrade } from './grade-summary.ts';

export interface RunFolder {
  id: string;
  path: string;
  ledger: string;
  /** the overlay's upper layer: what the run changed */
  upper: string;
  work: string;
  /** authorities that the cell is to believe, where its contract has requests looked into */
  trust: string;
  /** a file outside the view that probes look for */
  marker: string;
  /** where graders run; removed afterwards */
  scratch: string;
  /** what `runs`, `why` and others read: {@link RunFacts} */
  facts: string;
  /** modes of what was opened to be read, as JSON */
  modes: string;
  /** the change list of a run on a copy, as JSON: what is gone leaves no trace in the copy */
  changes: string;
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
  /** inode of its pid namespace, as pid_namespaces(7) are told apart: only there does the id mean anything */
  pidNamespace?: string;
  groups: string[];
  ended?: string;
  exit?: number;
  reason?: string;
  grade?: RunGrade;
  /** `objective.success.protect`, for the review */
  protect?: string[];
  /** where the changes of a run on a copy lie; an overlay's are in {@link RunFolder.upper} */
  copy?: string;
  /** true: the run changed the workspace itself, and a snapshot says what it was */
  direct?: true;
  /** what was done with the change set, oldest first */
  landings?: Landing[];
}

/** A change set, or a part of it, was applied, taken back or thrown away. */
export interface Landing {
  what: 'applied' | 'undone' | 'discarded';
  /** RFC 3339 */
  when: string;
  /** digest of the change set of which it was a part */
  digest: string;
  /** how many paths; the first thousand are named, safe to print */
  count: number;
  paths: string[];
  /** folder of the run that holds what was replaced */
  archive?: string;
}

/** Where everything of a run lies, by its folder. */
export function runPaths(path: string): Omit<RunFolder, 'id'> {
  const cell = join(path, 'cell');
  return {
    path,
    ledger: join(path, 'ledger'),
    upper: join(cell, 'upper'),
    work: join(cell, 'work'),
    trust: join(path, 'trust'),
    marker: join(path, 'marker'),
    scratch: join(path, 'grade'),
    facts: join(path, 'run.json'),
    changes: join(cell, 'changes.json'),
    modes: join(cell, 'modes.json'),
  };
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
  const folder = { id, ...runPaths(join(folders().runs, id)) };
  try {
    ensureFolder(folders().runs);
    mkdirSync(folder.path, { mode: 0o700 });
    mkdirSync(dirname(folder.upper), { mode: 0o700 });
    for (const made of [folder.upper, folder.work]) {
      mkdirSync(made, { mode: 0o755 });
      chmodSync(made, 0o755);
      if (owner !== undefined) chownSync(made, owner, owner);
    }
    writeFileSync(folder.marker, 'A probe that reads this has left its cell.\n', { mode: 0o644 });
    return folder;
  } catch (error) {
    rmSync(folder.path, { recursive: true, force: true });
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

/** Names the folders of a grader that works on a copy: beside those of the run itself. */
export const graderCopy = (run: string, folder: string) => ({ id: `${run}-grade`, path: folder });

/** Written whole or not at all: a run may be killed at any moment. */
export function writeFacts(folder: Pick<RunFolder, 'facts'>, facts: RunFacts): void {
  const temporary = `${folder.facts}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, folder.facts);
}

/** Removes what only a living run needs; the ledger and the changes stay. Can be done again. */
export function clearRunFolder({
  work,
  trust,
  marker,
  scratch,
}: Pick<RunFolder, 'work' | 'trust' | 'marker' | 'scratch'>): void {
  try {
    chmodSync(join(work, 'work'), 0o700); // overlayfs leaves it with mode 000
  } catch {
    // not there: the overlay was never mounted
  }
  rmSync(work, { recursive: true, force: true });
  rmSync(trust, { recursive: true, force: true });
  rmSync(marker, { force: true });
  removeTree(scratch);
}
