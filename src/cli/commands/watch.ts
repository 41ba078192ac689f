/**
 * `ringfence watch`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';

export async function run({ options, args, terminal }: Invocation<'watch'>): Promise<number> {
  const rules = options.rules ?? [];
  if (!options.replay && rules.length > 0)
    throw new CommandError(
      'usage',
      '--rules judges an old run: it goes with --replay',
      'a run that goes on is judged by the rules it was started with',
      EXIT.usage,
    );
  const found = findRun(args[0]);
  if (options.replay) {
    const { replay } = await import('../watch/replay.ts');
    return await replay(found, { rules, json: options.json === true }, terminal);
  }
  const { followFindings } = await import('../watch/follow.ts');
  return await followFindings(found, options.json === true, terminal);
}
