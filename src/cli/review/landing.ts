/**
 * What has to be true before anything lands, and what is said where it is not.
 *
 * @module
 */
import { escapePath } from '../../cell/changes/index.ts';
import { type Journal, type LandInput, land } from '../../review/land/index.ts';
import type { ChangeSet, Reviewed } from '../../review/set/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { FoundRun } from '../find-run.ts';
import type { Terminal } from '../terminal.ts';
import { ownProcess } from './lock.ts';
import { differences, readReview } from './reviewed.ts';

/** Paths for a message: the first few, and how many more. */
export function listed(paths: readonly string[]): string {
  const some = paths.slice(0, 10).join(', ');
  return paths.length > 10 ? `${some} and ${paths.length - 10} more` : some;
}

const SHORTEST = 12;

/** @throws CommandError where the digest is missing, malformed, or not that of what is there */
export function requireReviewed(
  run: FoundRun,
  set: ChangeSet,
  given: string | undefined,
  terminal: Terminal,
): void {
  const review = readReview(run);
  const again = `review it again: ringfence review ${run.id}`;
  if (given === undefined) {
    if (!review)
      throw new CommandError(
        'not-reviewed',
        `the changes of run ${run.id} were not reviewed`,
        `look at them first: ringfence review ${run.id}`,
        EXIT.notReviewed,
      );
    if (!(process.stdin.isTTY && terminal.interactive))
      throw new CommandError(
        'no-digest',
        'without a terminal, apply needs the digest of what was reviewed',
        `write: ringfence apply ${run.id} --digest ${review.digest.slice(0, 16)}`,
        EXIT.notReviewed,
      );
  } else if (!/^[0-9a-f]+$/.test(given) || given.length < SHORTEST || given.length > 64)
    throw new CommandError(
      'usage',
      `${given} is not a digest`,
      `write at least ${SHORTEST} characters of what ringfence review ${run.id} printed`,
      EXIT.usage,
    );
  const expected = given ?? review?.digest ?? '';
  if (set.digest.startsWith(expected)) return;
  const changed = review?.digest.startsWith(expected) ? differences(review, set) : [];
  const which = changed.length > 0 ? `: ${listed(changed)}` : '';
  throw new CommandError(
    'other-digest',
    `what is there is not what was reviewed${which}`,
    again,
    EXIT.notReviewed,
  );
}

/** @throws CommandError that names what never lands */
export function refuseNeverLanding(items: readonly Reviewed[]): void {
  const refused = items.filter(({ refusal }) => refusal !== undefined);
  if (refused.length === 0) return;
  throw new CommandError(
    'never-lands',
    `never lands: ${listed(refused.map(({ shown, refusal }) => `${shown} (${refusal})`))}; nothing was changed`,
    `land the rest: ${refused
      .slice(0, 3)
      .map(({ shown }) => `--except ${JSON.stringify(shown)}`)
      .join(' ')}${refused.length > 3 ? ' …' : ''}`,
    EXIT.refused,
  );
}

/** @throws CommandError that names what somebody else changed since the run began */
export function refuseChanged(items: readonly Reviewed[]): void {
  const changed = items.filter(({ originalChanged }) => originalChanged);
  if (changed.length === 0) return;
  throw new CommandError(
    'original-changed',
    `the original was changed since the run began: ${listed(changed.map(({ shown }) => shown))}; nothing was changed`,
    'add --merge to merge text files, or leave them out with --except, or, as the diff shows what is lost, add --overwrite',
    EXIT.conflict,
  );
}

/** @throws CommandError where it does not land; the workspace is then as it was */
export function landOrRefuse(input: Omit<LandInput, 'process'>): Journal {
  let landed: Journal | undefined;
  let result: ReturnType<typeof land>;
  try {
    result = land({
      ...input,
      process: ownProcess(),
      onLanded: (journal) => {
        landed = journal;
        input.onLanded(journal);
      },
    });
  } catch (error) {
    const { code, message, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    throw new CommandError(
      'landing-unfinished',
      `the landing did not come to its end: ${message}`,
      'nothing is lost; when that is mended (disk space, permissions), run: ringfence apply --recover',
    );
  }
  if (!result.ok && result.why === 'conflict')
    throw new CommandError(
      'original-changed',
      `changed meanwhile: ${listed(result.paths.map(escapePath))}; nothing was changed`,
      input.kind === 'undo'
        ? 'put them back as they were, or undo by hand'
        : 'review it again, or leave them out',
      EXIT.conflict,
    );
  if (!result.ok) throw new CommandError('not-landed', `${result.problem}; nothing was changed`, result.hint);
  return landed as Journal;
}
