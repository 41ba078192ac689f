/**
 * `ringfence undo`.
 *
 * @module
 */
import { joinPath, statOf } from '../../cell/changes/index.ts';
import { undoItems } from '../../review/land/index.ts';
import type { Item } from '../../review/set/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import {
  changeSetOf,
  findReviewed,
  landingOf,
  lastLanding,
  type ReviewedRun,
  recordLanding,
  refuseOngoing,
} from '../review/change-set.ts';
import { landOrRefuse, listed } from '../review/landing.ts';
import { whileLocked } from '../review/lock.ts';
import { refuseRunsThere } from '../review/neighbours.ts';
import { endUnfinishedHere } from '../review/recovery.ts';
import type { Terminal } from '../terminal.ts';
import { snapshotPath } from '../wiring/direct.ts';

export function run({ options, args, terminal }: Invocation<'undo'>): number {
  const reviewed = findReviewed(args[0]);
  refuseOngoing(reviewed);
  const { run, facts } = reviewed;
  return whileLocked(facts.workspace, () => {
    for (const line of endUnfinishedHere(facts.workspace)) terminal.err(`ringfence: ${line}`);
    for (const line of refuseRunsThere(facts.workspace)) terminal.err(`ringfence: ${line}`);
    if (facts.direct) return rollBack(reviewed, terminal, options.json);
    const landing = lastLanding(findReviewed(run.id).facts);
    if (landing?.archive === undefined)
      throw new CommandError(
        'nothing-to-undo',
        `nothing of run ${run.id} is applied`,
        'see what was done with it: ringfence review',
      );
    const journal = landOrRefuse({
      kind: 'undo',
      workspace: facts.workspace,
      items: undoItems(run.folder, landing.archive),
      digest: landing.digest,
      runFolder: run.folder,
      subject: landing.archive,
      onLanded: (landed) => recordLanding(run, landingOf(landed)),
    });
    const record = landingOf(journal);
    if (options.json) terminal.out(JSON.stringify({ version: 1, run: run.id, ...record }, null, 2));
    else terminal.out(`taken back in ${facts.workspace}: ${record.count} paths are as they were`);
    return EXIT.ok;
  });
}

/** The workspace of a direct run becomes its snapshot again; what changed since the run ended is refused by name. */
function rollBack(reviewed: ReviewedRun, terminal: Terminal, json: boolean): number {
  const { run, facts } = reviewed;
  const set = changeSetOf(reviewed);
  if (set.incomplete !== undefined)
    throw new CommandError(
      'incomplete',
      `what changed cannot all be seen: ${set.incomplete}; nothing was changed`,
      'remove what is named by hand, then undo again',
    );
  const ended = Date.parse(facts.ended ?? facts.started);
  const since = set.items.filter(({ path, after }) => {
    const stats =
      after && after.type !== 'directory' ? statOf(joinPath(Buffer.from(facts.workspace), path)) : undefined;
    return stats !== undefined && Number(stats.ctimeMs) > ended;
  });
  if (since.length > 0)
    throw new CommandError(
      'changed-since',
      `changed since the run ended: ${listed(since.map(({ shown }) => shown))}; nothing was changed`,
      `take from ${snapshotPath({ path: run.folder })} by hand what you need`,
      EXIT.conflict,
    );
  if (set.items.length === 0) {
    terminal.out('the workspace is what the snapshot says');
    return EXIT.ok;
  }
  const items = set.items.map(
    ({ path, shown, kind, before, after, original }): Item => ({
      path,
      shown,
      kind: kind === 'added' ? 'deleted' : kind === 'deleted' ? 'added' : kind,
      ...(after && { before: after }),
      ...(before && { after: before }),
      ...(original && { source: original }),
    }),
  );
  const journal = landOrRefuse({
    kind: 'undo',
    workspace: facts.workspace,
    items,
    digest: set.digest,
    runFolder: run.folder,
    subject: `direct-${(facts.landings ?? []).length + 1}`,
    onLanded: (landed) => recordLanding(run, landingOf(landed)),
  });
  const record = landingOf(journal);
  if (json) terminal.out(JSON.stringify({ version: 1, run: run.id, ...record }, null, 2));
  else terminal.out(`rolled back ${facts.workspace}: ${record.count} paths are as they were before the run`);
  return EXIT.ok;
}
