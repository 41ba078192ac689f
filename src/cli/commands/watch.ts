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
  if (options.from !== undefined) {
    if (options.replay)
      throw new CommandError(
        'usage',
        '--from and --replay do not go together',
        'name one of them',
        EXIT.usage,
      );
    const { watchSensor } = await import('../watch/sensor.ts');
    const about = { kind: options.from, file: args[0] ?? '-', rules, json: options.json === true };
    return await watchSensor(about, terminal);
  }
  if (!options.replay && rules.length > 0)
    throw new CommandError(
      'usage',
      '--rules judges an old run, or another sensor: it goes with --replay or --from',
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
