/**
 * `ringfence discard`.
 *
 * @module
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeReducedFolders, removeTree } from '../../cell/reduced/index.ts';
import { digestOf } from '../../review/set/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findReviewed, recordLanding, refuseOngoing } from '../review/change-set.ts';
import { whileLocked } from '../review/lock.ts';
import { endUnfinishedHere } from '../review/recovery.ts';
import { readReview, reviewPath } from '../review/reviewed.ts';

export function run({ options, args, terminal }: Invocation<'discard'>): number {
  const reviewed = findReviewed(args[0]);
  refuseOngoing(reviewed);
  const { run, facts } = reviewed;
  if (facts.direct && !options['keep-changes'])
    throw new CommandError(
      'direct',
      `run ${run.id} changed the workspace itself: discarding would only throw its snapshot away`,
      `to restore what was: ringfence undo ${run.id}; to keep the changes and drop the snapshot, add --keep-changes`,
    );
  return whileLocked(facts.workspace, () => {
    for (const line of endUnfinishedHere(facts.workspace)) terminal.err(`ringfence: ${line}`);
    const digest = readReview(run)?.digest ?? digestOf([]);
    // on record first: what is half removed must not look like a smaller change set
    const landing = {
      what: 'discarded' as const,
      when: new Date().toISOString(),
      digest,
      count: 0,
      paths: [],
    };
    recordLanding(run, landing);
    removeReducedFolders({ id: run.id, path: run.folder }, 'all');
    removeTree(join(run.folder, 'cell'));
    rmSync(reviewPath(run), { force: true });
    if (options.json) terminal.out(JSON.stringify({ version: 1, run: run.id, ...landing }, null, 2));
    else terminal.out(`the changes of run ${run.id} are gone; its record stays`);
    return EXIT.ok;
  });
}
