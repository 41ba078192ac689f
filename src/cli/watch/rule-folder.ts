/**
 * Rules of somebody's own, from folders.
 *
 * @module
 */
import { formatProblem } from '../../contract/index.ts';
import type { WatchRule } from '../../watch/index.ts';
import { type LoadedRules, loadRules } from '../../watch/sigma/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { readRuleFiles } from '../rules/files.ts';

/**
 * Every `.yml` and `.yaml` below these folders.
 *
 * @throws CommandError where a folder cannot be read, or a rule has a problem: none is left out silently
 */
export function readRuleFolders(paths: readonly string[]): LoadedRules {
  const loaded = loadRules(readRuleFiles(paths));
  if (loaded.problems.length > 0)
    throw new CommandError(
      'bad-rules',
      loaded.problems.slice(0, 10).map(formatProblem).join('\n'),
      `mend ${loaded.problems.length === 1 ? 'it' : 'them'}, and check: ringfence rules check DIR`,
      EXIT.usage,
    );
  return loaded;
}

/** The rules of both kinds. */
export const allOf = ({ rules, formulas }: LoadedRules): WatchRule[] => [...rules, ...formulas];
