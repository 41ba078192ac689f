/**
 * Which form the answer is wanted in.
 *
 * @module
 */
import { CommandError } from '../errors.ts';
import type { Format, ProveInvocation } from './types.ts';

/** @throws CommandError where `--json` and `--format` contradict each other */
export function formatOf({ json, format }: ProveInvocation['options']): Format {
  if (json && format !== undefined && format !== 'json')
    throw new CommandError('usage', `--json and --format ${format} are two forms`, 'leave one of them out');
  return json ? 'json' : ((format as Format | undefined) ?? 'text');
}

/** The answer to an option that this version knows but cannot do yet. */
export function notYet(option: string, instead: string): CommandError {
  return new CommandError('not-in-this-version', `${option} is not in this version`, instead);
}
