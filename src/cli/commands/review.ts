/**
 * `ringfence review`.
 *
 * @module
 */
import { gitDiff, visibleLine } from '../../review/diff/index.ts';
import type { ChangeSet } from '../../review/set/index.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { changeSetOf, findReviewed, isOngoing, type ReviewedRun } from '../review/change-set.ts';
import { changeSetJson } from '../review/json.ts';
import { endUnfinished } from '../review/recovery.ts';
import { writeReview } from '../review/reviewed.ts';
import { countsOf, printReview, SHORT, WHOLE } from '../review/text.ts';
import type { Terminal } from '../terminal.ts';
import { safe } from '../text.ts';

export function run({ options, args, terminal }: Invocation<'review'>): number {
  const reviewed = findReviewed(args[0]);
  for (const line of endUnfinished(reviewed.facts.workspace)) terminal.err(`ringfence: ${line}`);
  const set = changeSetOf(reviewed);
  if (options.json) terminal.out(JSON.stringify(changeSetJson(reviewed.run.id, set), null, 2));
  else if (options.diff) printDiff(set, terminal);
  else print(reviewed, set, options.all, options.stat, terminal);
  if (!isOngoing(reviewed)) writeReview(reviewed.run, set);
  return EXIT.ok;
}

/** Bytes as they are; on a terminal, what only prints. */
function printDiff(set: ChangeSet, terminal: Terminal): void {
  for (const part of gitDiff(set.items)) {
    if (!process.stdout.isTTY) terminal.raw(part);
    else
      terminal.raw(`${part.toString('latin1').replace(/\n$/, '').split('\n').map(visibleLine).join('\n')}\n`);
  }
}

function print(reviewed: ReviewedRun, set: ChangeSet, all: boolean, stat: boolean, terminal: Terminal): void {
  const { run, facts } = reviewed;
  terminal.out(`run ${run.id} in contract ${safe(facts.name)}, workspace ${safe(facts.workspace)}`);
  if (isOngoing(reviewed))
    terminal.out('the run is still going on: this is not its last word, and cannot be applied');
  for (const { what, when, count, digest } of facts.landings ?? [])
    terminal.out(`${what} on ${when}: ${count} paths of ${digest.slice(0, 12)}`);
  if (set.incomplete !== undefined)
    terminal.out(terminal.style('red', `incomplete: ${safe(set.incomplete)}`));
  terminal.out('');
  const options = all ? WHOLE : SHORT;
  printReview(set, terminal, { ...options, content: !stat });
  terminal.out(`${countsOf(set.items)}`);
  if (set.items.length === 0) return;
  terminal.out(`digest ${set.digest}`);
  if (facts.direct) {
    terminal.out(
      `it has landed: the run changed the workspace itself. To roll it back: ringfence undo ${run.id}`,
    );
    return;
  }
  terminal.out(`to land it: ringfence apply ${run.id} --digest ${set.digest.slice(0, 16)}`);
}
