/**
 * `ringfence ps`.
 *
 * @module
 */
import { formatDuration } from '../../contract/index.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { commandLine, safe, shorten } from '../text.ts';
import { askRun, type RunStatus, servedRuns } from '../wiring/control-socket.ts';

const questions = ({ questions }: RunStatus): string =>
  questions ? `, ${questions} question${questions === 1 ? '' : 's'} (ringfence questions)` : '';

export async function run({ options, terminal }: Invocation<'ps'>): Promise<number> {
  const answers = await Promise.all(servedRuns().map((id) => askRun<RunStatus>(id, { do: 'status' })));
  const alive = answers.filter((status) => status !== undefined);
  if (options.json) {
    terminal.out(JSON.stringify(alive, null, 2));
    return EXIT.ok;
  }
  if (alive.length === 0) terminal.out('nothing is running');
  for (const status of alive) {
    const age = formatDuration(Date.now() - Date.parse(status.started));
    terminal.out(
      `${status.id}  ${safe(status.name)}  pid ${status.pid}  ${age}  ${status.processes} processes, ${status.flows} flows, ${status.denials} denials${questions(status)}`,
    );
    terminal.out(`    ${shorten(commandLine(status.command), Math.max(30, terminal.columns() - 4))}`);
  }
  return EXIT.ok;
}
