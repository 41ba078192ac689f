/**
 * `ringfence undo`.
 *
 * @module
 */
import { undoItems } from '../../review/land/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { endUnfinished, findReviewed, landingOf, lastLanding, recordLanding } from '../review/change-set.ts';
import { landOrRefuse } from '../review/landing.ts';
import { whileLocked } from '../review/lock.ts';

export function run({ options, args, terminal }: Invocation<'undo'>): number {
  const { run, facts } = findReviewed(args[0]);
  return whileLocked(facts.workspace, () => {
    for (const line of endUnfinished(facts.workspace)) terminal.err(`ringfence: ${line}`);
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
