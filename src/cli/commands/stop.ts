/**
 * `ringfence stop`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { safe } from '../text.ts';
import { askRun, servedRuns } from '../wiring/control-socket.ts';

export async function run({ options, args, terminal }: Invocation<'stop'>): Promise<number> {
  const served = servedRuns();
  if (args.length === 0 && !options.all) {
    throw new CommandError(
      'usage',
      'no run is named',
      'name runs, or write --all; ringfence ps lists them',
      EXIT.usage,
    );
  }
  const wanted = options.all ? served : args.flatMap((named) => matching(named, served));
  let stopped = 0;
  for (const id of wanted) {
    const answer = await askRun(id, { do: options.kill ? 'kill' : 'stop', by: 'operator' });
    if (answer === undefined) continue;
    stopped += 1;
    terminal.out(`${id} ${options.kill ? 'killed' : 'asked to end; it is killed after 5s'}`);
  }
  if (stopped === 0) terminal.err('ringfence: no such run is going on');
  return stopped === 0 ? EXIT.failed : EXIT.ok;
}

function matching(named: string, served: readonly string[]): string[] {
  const found = served.filter((id) => id.startsWith(named));
  if (found.length > 1) {
    throw new CommandError(
      'ambiguous-run',
      `${found.length} runs begin with ${safe(named)}`,
      'write more of the id',
      EXIT.usage,
    );
  }
  return found;
}
