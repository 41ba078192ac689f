/**
 * `ringfence thaw`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { tellRuns } from '../tell-runs.ts';

export async function run({ options, args, terminal }: Invocation<'thaw'>): Promise<number> {
  return await tellRuns('thaw', { named: args, all: options.all }, 'goes on', terminal);
}
