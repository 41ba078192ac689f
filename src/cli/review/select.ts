/**
 * Which items of a change set a person means.
 *
 * @module
 */
import { matchPath } from '../../contract/glob.ts';
import { withNeeded } from '../../review/land/index.ts';
import type { ChangeSet, Reviewed } from '../../review/set/index.ts';
import { CommandError } from '../errors.ts';

const GLOB = /[*?[{]/;

/** A path with all below it, or a pattern; relative to the workspace, or absolute in it. */
function matcherOf(word: string, workspace: string, items: readonly Reviewed[]): (item: Reviewed) => boolean {
  const relative = `${word}/`.startsWith(`${workspace}/`) ? word.slice(workspace.length + 1) : word;
  const clean = relative.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  if (clean === '' || clean === '.') return () => true;
  const key = Buffer.from(clean);
  const prefix = Buffer.from(`${clean}/`);
  // as the review shows it, else as it is: a name such as `[id].ts` means itself before it means a pattern
  const isShown = ({ shown }: Reviewed) => shown === clean || shown.startsWith(`${clean}/`);
  if (items.some(isShown)) return isShown;
  const isNamed = ({ path }: Reviewed) => path.equals(key) || path.subarray(0, prefix.length).equals(prefix);
  if (items.some(isNamed) || !GLOB.test(clean)) return isNamed;
  const matches = matchPath([clean, `${clean}/**`]);
  return ({ path }) => matches(path);
}

/** @throws CommandError where a word means nothing, so that a misspelt path does not look like success */
export function select(set: ChangeSet, paths: readonly string[], except: readonly string[]): Reviewed[] {
  const matchers = (words: readonly string[]) =>
    words.map((word) => {
      const matches = matcherOf(word, set.workspace, set.items);
      if (!set.items.some(matches))
        throw new CommandError(
          'no-such-change',
          `nothing in the change set matches ${word}`,
          'paths are relative to the workspace; see them: ringfence review --stat',
        );
      return matches;
    });
  const [wanted, unwanted] = [matchers(paths), matchers(except)];
  const isWanted = (item: Reviewed) =>
    (wanted.length === 0 || wanted.some((matches) => matches(item))) &&
    !unwanted.some((matches) => matches(item));
  const selected = withNeeded(set.items, new Set(set.items.filter(isWanted)));
  const forced = selected.find((item) => unwanted.some((matches) => matches(item)));
  if (forced)
    throw new CommandError(
      'needed',
      `${forced.shown} is needed by what is selected, and left out by --except`,
      'leave out what is below it as well',
    );
  if (selected.length === 0)
    throw new CommandError(
      'nothing-selected',
      'nothing is selected',
      'see what there is: ringfence review --stat',
    );
  return selected;
}
