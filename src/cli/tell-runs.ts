/**
 * Says one thing to runs that are going on: stop, kill, freeze, thaw.
 *
 * @module
 */
import { CommandError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { safe } from './text.ts';
import { askRun, servedRuns } from './wiring/control-socket.ts';

type Order = 'stop' | 'kill' | 'freeze' | 'thaw';

/**
 * @param named ids of runs or their beginnings
 * @param said what is printed behind the id of each run that heard it
 * @returns the exit code
 * @throws CommandError where none is named, or a beginning fits several
 */
export async function tellRuns(
  order: Order,
  { named, all }: { named: readonly string[]; all: boolean },
  said: string,
  terminal: Terminal,
): Promise<number> {
  if (named.length === 0 && !all) {
    throw new CommandError(
      'usage',
      'no run is named',
      'name runs, or write --all; ringfence ps lists them',
      EXIT.usage,
    );
  }
  const served = servedRuns();
  let heard = 0;
  let refused = 0;
  for (const id of all ? served : named.flatMap((beginning) => matching(beginning, served))) {
    const reply = await askRun<{ ok: boolean; message?: string; hint?: string }>(id, {
      do: order,
      by: 'operator',
    });
    if (reply === undefined) continue;
    heard += 1;
    if (!reply.ok) {
      refused += 1;
      terminal.err(`ringfence: ${id}: ${safe(reply.message ?? 'it cannot')}\n  ${safe(reply.hint ?? '')}`);
      continue;
    }
    terminal.out(`${id} ${said}`);
  }
  if (heard === 0) terminal.err('ringfence: no such run is going on');
  return heard === refused ? EXIT.failed : EXIT.ok;
}

function matching(beginning: string, served: readonly string[]): string[] {
  const found = served.filter((id) => id.startsWith(beginning));
  if (found.length > 1) {
    throw new CommandError(
      'ambiguous-run',
      `${found.length} runs begin with ${safe(beginning)}`,
      'write more of the id',
      EXIT.usage,
    );
  }
  return found;
}
