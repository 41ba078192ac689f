/**
 * `ringfence stop`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { tellRuns } from '../tell-runs.ts';

export async function run({ options, args, terminal }: Invocation<'stop'>): Promise<number> {
  const said = options.kill ? 'killed' : 'asked to end; it is killed after 5s';
  return await tellRuns(options.kill ? 'kill' : 'stop', { named: args, all: options.all }, said, terminal);
}
