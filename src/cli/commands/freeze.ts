/**
 * `ringfence freeze`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { tellRuns } from '../tell-runs.ts';

export async function run({ options, args, terminal }: Invocation<'freeze'>): Promise<number> {
  return await tellRuns(
    'freeze',
    { named: args, all: options.all },
    'frozen; ringfence thaw lets it go on',
    terminal,
  );
}
