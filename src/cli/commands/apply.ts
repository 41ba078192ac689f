/**
 * `ringfence apply`.
 *
 * @module
 */
import type { Journal } from '../../review/land/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { listRuns } from '../find-run.ts';
import { changeSetOf, findReviewed, landingOf, recordLanding, refuseOngoing } from '../review/change-set.ts';
import {
  landOrRefuse,
  listed,
  refuseChanged,
  refuseNeverLanding,
  requireReviewed,
} from '../review/landing.ts';
import { whileLocked } from '../review/lock.ts';
import { mergeChanged } from '../review/merge.ts';
import { refuseRunsThere } from '../review/neighbours.ts';
import { endUnfinished, endUnfinishedHere } from '../review/recovery.ts';
import { writeReview } from '../review/reviewed.ts';
import { select } from '../review/select.ts';
import { countsOf, printReview, SHORT } from '../review/text.ts';

export function run({ options, args, terminal }: Invocation<'apply'>): number {
  if (options.recover) {
    const said = endUnfinished();
    for (const line of said) terminal.out(line);
    if (said.length === 0) terminal.out('nothing was unfinished');
    return EXIT.ok;
  }
  // a first word that is no run is a path
  const first = args[0] ?? '';
  const isRun = first === 'latest' || (first !== '' && listRuns().some(({ id }) => id.startsWith(first)));
  const [named, paths] = isRun ? [first, args.slice(1)] : [undefined, args];
  const reviewed = findReviewed(named);
  refuseOngoing(reviewed);
  const { run, facts } = reviewed;
  if (facts.direct) {
    terminal.out(
      `run ${run.id} changed the workspace itself: it has landed already. To roll it back: ringfence undo ${run.id}`,
    );
    return EXIT.ok;
  }
  return whileLocked(facts.workspace, () => {
    for (const line of endUnfinishedHere(facts.workspace)) terminal.err(`ringfence: ${line}`);
    for (const line of refuseRunsThere(facts.workspace)) terminal.err(`ringfence: ${line}`);
    const set = changeSetOf(reviewed);
    if (set.items.length === 0) {
      terminal.out(`run ${run.id} has nothing to land`);
      return EXIT.ok;
    }
    if (set.incomplete !== undefined)
      throw new CommandError(
        'incomplete',
        `the change set is incomplete: ${set.incomplete}`,
        'nothing was changed',
      );
    requireReviewed(run, set, options.digest, terminal);
    const selected = select(set, paths, options.except);
    refuseNeverLanding(selected);
    const { items, merged, clean } = options.merge
      ? mergeChanged(run, selected)
      : { items: selected, merged: [], clean: () => {} };
    if (!options.overwrite) refuseChanged(items);
    if (options['dry-run']) {
      printReview({ ...set, items }, terminal, { ...SHORT, content: false });
      terminal.out(`would land: ${countsOf(items)}`);
      clean();
      return EXIT.ok;
    }
    const { landings = [] } = findReviewed(run.id).facts; // an unfinished one may have come to its end
    const subject = `landed-${landings.filter(({ what }) => what === 'applied').length + 1}`;
    let journal: Journal;
    try {
      journal = landOrRefuse({
        kind: 'apply',
        workspace: facts.workspace,
        items,
        digest: set.digest,
        runFolder: run.folder,
        subject,
        onLanded: (landed) => recordLanding(run, landingOf(landed)),
      });
    } finally {
      clean();
    }
    const left = changeSetOf(reviewed);
    // what is left was part of what was reviewed
    writeReview(run, left);
    if (options.json) {
      const record = {
        version: 1,
        run: run.id,
        ...landingOf(journal),
        left: left.items.length,
        leftDigest: left.digest,
      };
      terminal.out(JSON.stringify(record, null, 2));
      return EXIT.ok;
    }
    terminal.out(`landed in ${facts.workspace}: ${countsOf(items)}`);
    if (merged.length > 0) terminal.out(`merged with what was changed meanwhile: ${listed(merged)}`);
    if (left.items.length > 0)
      terminal.out(`not landed: ${countsOf(left.items)}; its digest is ${left.digest.slice(0, 16)}`);
    terminal.out(`to take it back: ringfence undo ${run.id}`);
    return EXIT.ok;
  });
}
