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

/** A comparison is a list, and nothing to draw. */
export function noGraph(option: string, format: string): CommandError {
  return new CommandError('usage', `${option} has no form ${format}`, 'write --format text, json or sarif');
}
