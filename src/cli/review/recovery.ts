/**
 * Ending landings that were killed in the middle.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { startTimeOf } from '../../cell/cgroups/index.ts';
import { type Journal, journalPath, readJournal, recover } from '../../review/land/index.ts';
import { CommandError } from '../errors.ts';
import { type FoundRun, listRuns } from '../find-run.ts';
import { readFacts } from '../wiring/leftovers.ts';
import { landingOf, recordLanding } from './change-set.ts';
import { whileLocked } from './lock.ts';

const isWorking = ({ process: { pid, startTime } }: Journal): boolean =>
  pid !== process.pid && startTimeOf(pid) === startTime;

interface Unfinished {
  run: FoundRun;
  workspace: string;
}

/** Landings that left a journal. One that cannot be read counts for its run's workspace. */
function findUnfinished(workspace: string | undefined): Unfinished[] {
  return listRuns().flatMap((run): Unfinished[] => {
    if (!existsSync(journalPath(run.folder))) return [];
    let of: string | undefined;
    try {
      of = readJournal(run.folder)?.workspace;
    } catch {
      of = readFacts(run)?.workspace; // ending it says what is wrong
    }
    return of === undefined || (workspace !== undefined && of !== workspace) ? [] : [{ run, workspace: of }];
  });
}

/** @returns a line that says what was done; undefined: it has ended meanwhile */
function endOne({ run, workspace }: Unfinished): string | undefined {
  const journal = readJournal(run.folder);
  if (!journal) return undefined;
  if (isWorking(journal))
    throw new CommandError(
      'landing-at-work',
      `another ringfence is changing ${workspace} (process ${journal.process.pid})`,
      'wait until it is done',
    );
  if (!existsSync(workspace))
    throw new CommandError(
      'workspace-gone',
      `an unfinished ${journal.kind} of run ${run.id} cannot be ended: ${workspace} is not there`,
      `put it back where it was; what is missing lies in its folder ${journal.staging}`,
    );
  const ended = recover(run.folder, (landed) => recordLanding(run, landingOf(landed)));
  if (!ended) return undefined;
  const what = ended.landed ? 'brought to its end' : 'taken back';
  return `an unfinished ${ended.journal.kind} of run ${run.id} was ${what}`;
}

/** Ends the unfinished landings of a workspace whose lock is held. @returns lines that say what was done */
export function endUnfinishedHere(workspace: string): string[] {
  return findUnfinished(workspace).flatMap((one) => endOne(one) ?? []);
}

/**
 * Ends every landing that was killed in the middle, each under the lock of its workspace: two that end the same one would
 * take each other's steps for a stranger's.
 *
 * @param workspace only this one; undefined: all
 * @returns lines that say what was done
 * @throws CommandError where one is at work at this moment, or cannot be ended; all others are ended first
 */
export function endUnfinished(workspace?: string): string[] {
  const said: string[] = [];
  const errors: unknown[] = [];
  for (const one of findUnfinished(workspace)) {
    try {
      const line = whileLocked(one.workspace, () => endOne(one));
      if (line !== undefined) said.push(line);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
  return said;
}
