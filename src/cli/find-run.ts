/**
 * From what a person writes (an id, its beginning, nothing) to the folder of a run.
 *
 * @module
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './errors.ts';
import { folders } from './folders.ts';

export interface FoundRun {
  id: string;
  /** the run's own folder, in the folder of runs */
  folder: string;
  /** the folder of its ledger */
  ledger: string;
}

/** A run id as it may be used in a path: nothing that leads elsewhere. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The runs there are, latest first. A folder that goes away meanwhile (retention) is left out. */
export function listRuns(runs: string = folders().runs): FoundRun[] {
  let names: string[];
  try {
    names = readdirSync(runs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => ID.test(name))
    .map((id) => ({ id, made: statSync(join(runs, id), { throwIfNoEntry: false })?.birthtimeMs }))
    .filter((run): run is { id: string; made: number } => run.made !== undefined)
    .sort((a, b) => b.made - a.made || (a.id < b.id ? 1 : -1))
    .map(({ id }) => ({ id, folder: join(runs, id), ledger: join(runs, id, 'ledger') }));
}

/**
 * @param named an id or its beginning; undefined: the latest run
 * @throws CommandError where there is no such run, or more than one
 */
export function findRun(named: string | undefined, runs: string = folders().runs): FoundRun {
  const all = listRuns(runs);
  if (named === undefined) {
    const latest = all[0];
    if (!latest)
      throw new CommandError('no-run', 'there are no runs yet', 'start one: ringfence run -- COMMAND');
    return latest;
  }
  const exact = all.find((run) => run.id === named);
  if (exact) return exact;
  const matching = all.filter((run) => run.id.startsWith(named));
  if (named !== '' && matching.length === 1) return matching[0] as FoundRun;
  if (matching.length > 1) {
    const some = matching.slice(0, 4).map((run) => run.id);
    const list = `${some.join(', ')}${matching.length > some.length ? ', …' : ''}`;
    throw new CommandError(
      'ambiguous-run',
      `${matching.length} runs begin with ${JSON.stringify(named)}: ${list}`,
      'write more of the id',
    );
  }
  throw new CommandError(
    'no-run',
    `there is no run ${JSON.stringify(named)}`,
    'see which there are: ringfence runs',
  );
}
