/**
 * From a run to its change set, and what was done with it before.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  attributesByLauncher,
  escapePath,
  openClosed,
  pathKey,
  readChanges,
  statOf,
} from '../../cell/changes/index.ts';
import type { Journal } from '../../review/land/index.ts';
import { type ChangeSet, makeChangeSet } from '../../review/set/index.ts';
import { CommandError } from '../errors.ts';
import { type FoundRun, findRun } from '../find-run.ts';
import { installation } from '../installation.ts';
import { readChangeList } from '../wiring/change-list.ts';
import { directChanges, directManifest, snapshotPath } from '../wiring/direct.ts';
import { isAlive, readFacts } from '../wiring/leftovers.ts';
import { type Landing, type RunFacts, runPaths, writeFacts } from '../wiring/run-folder.ts';
import { makeOriginalCheck, readReview } from './reviewed.ts';

export interface ReviewedRun {
  run: FoundRun;
  facts: RunFacts;
}

/** @param named an id, its beginning, `latest`, or nothing */
export function findReviewed(named: string | undefined): ReviewedRun {
  const run = findRun(named === 'latest' ? undefined : named);
  const facts = readFacts(run);
  if (!facts)
    throw new CommandError(
      'no-run',
      `run ${run.id} has no run.json that can be read`,
      'it never began, or somebody damaged the file',
    );
  return { run, facts };
}

export const isOngoing = ({ facts }: ReviewedRun): boolean => isAlive(facts);

export function refuseOngoing(reviewed: ReviewedRun): void {
  if (isOngoing(reviewed))
    throw new CommandError(
      'run-ongoing',
      `run ${reviewed.run.id} is still going on`,
      `wait for its end, or stop it: ringfence stop ${reviewed.run.id}`,
    );
}

/** @throws CommandError where there is nothing to read any more */
export function changeSetOf({ run, facts }: ReviewedRun): ChangeSet {
  const discarded = facts.landings?.find(({ what }) => what === 'discarded');
  if (discarded)
    throw new CommandError(
      'discarded',
      `the changes of run ${run.id} were discarded on ${discarded.when}`,
      'the record of the run is still there: ringfence log show',
    );
  try {
    return read(run, facts);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof CommandError || code === undefined) throw error;
    throw new CommandError(
      'changes-unreadable',
      `the changes of run ${run.id} cannot be read: ${(error as Error).message}`,
      'read them as the user who ran it; the workspace must still be there',
    );
  }
}

function read(run: FoundRun, facts: RunFacts): ChangeSet {
  const paths = runPaths(run.folder);
  const { workspace, protect = [] } = facts;
  if (facts.direct) {
    if (!existsSync(snapshotPath(paths))) throw gone(run.id);
    const manifest = directManifest(paths);
    return makeChangeSet({
      changes: directChanges(paths, workspace),
      workspace,
      lower: snapshotPath(paths),
      upper: workspace,
      kept: (path) => manifest.get(pathKey(path)),
      protect,
    });
  }
  const isOriginalChanged = makeOriginalCheck(readReview(run));
  if (facts.copy !== undefined) {
    if (!existsSync(paths.changes)) throw gone(run.id);
    const changes = readChangeList(readFileSync(paths.changes, 'utf8'));
    const upper = facts.copy;
    return makeChangeSet({
      changes,
      workspace,
      lower: workspace,
      upper,
      cellId: cellIdOf(upper),
      protect,
      isOriginalChanged,
    });
  }
  const { upper } = paths;
  if (!existsSync(upper)) throw gone(run.id);
  const startedAt = Date.parse(facts.started);
  // not while it runs: the program would see it
  const modes = isAlive(facts) ? new Map<string, number>() : openClosed(upper, paths.modes);
  const attributes =
    readdirSync(upper).length === 0
      ? () => ({ ok: true as const, attributes: [] })
      : attributesByLauncher(installation().launcher);
  const changes = readChanges({ lower: workspace, upper, attributes, startedAt, modes });
  return makeChangeSet({
    changes,
    workspace,
    lower: workspace,
    upper,
    cellId: cellIdOf(upper),
    protect,
    isOriginalChanged,
  });
}

const gone = (id: string) =>
  new CommandError(
    'changes-gone',
    `the changes of run ${id} are gone`,
    'it crashed, or they were removed by hand',
  );

/** As root, what a cell made belongs to an id of its own. */
function cellIdOf(upper: string): number | undefined {
  const uid = Number(statOf(Buffer.from(upper))?.uid ?? 0);
  return process.getuid?.() === 0 && uid !== 0 ? uid : undefined;
}

/** Adds to what the run's record says was done with its changes; once, however often it is asked. */
export function recordLanding(run: FoundRun, landing: Landing): void {
  const facts = readFacts(run);
  if (!facts) return;
  const landings = facts.landings ?? [];
  if (landings.some(({ what, archive }) => what === landing.what && archive === landing.archive)) return;
  writeFacts(runPaths(run.folder), { ...facts, landings: [...landings, landing] });
}

/** What a landing's journal says, for the record. */
export function landingOf({ kind, digest, steps, subject, when }: Journal): Landing {
  const paths = [...new Map(steps.map(({ path }) => [pathKey(path), path])).values()];
  return {
    what: kind === 'apply' ? 'applied' : 'undone',
    when: new Date(when).toISOString(),
    digest,
    count: paths.length,
    paths: paths.slice(0, NAMED).map(escapePath),
    archive: subject,
  };
}

/** Paths named in the record. */
const NAMED = 1000;

/** The landing that undo takes back: the last one that was not taken back yet. */
export function lastLanding({ landings = [] }: RunFacts): Landing | undefined {
  const undone = new Set(landings.filter(({ what }) => what === 'undone').map(({ archive }) => archive));
  return landings.findLast(({ what, archive }) => what === 'applied' && !undone.has(archive));
}
