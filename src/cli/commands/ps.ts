/**
 * `ringfence ps`.
 *
 * @module
 */
import { formatDuration } from '../../contract/index.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { commandLine, safe, shorten } from '../text.ts';
import { askRun, isServed, type RunStatus, servedRuns } from '../wiring/control-socket.ts';

const questions = ({ questions, budget }: RunStatus): string => {
  const asked = budget?.asked ? `, ${budget.asked} of ${budget.most} questions asked` : '';
  return questions ? `${asked}, ${questions} waiting (ringfence questions)` : asked;
};

export async function run({ options, terminal }: Invocation<'ps'>): Promise<number> {
  const answers = await Promise.all(
    servedRuns().map(async (id) => ({ id, status: await askRun<RunStatus>(id, { do: 'status' }) })),
  );
  const alive = answers.flatMap(({ status }) => status ?? []);
  const silent = answers.filter(({ id, status }) => status === undefined && isServed(id));
  for (const { id } of silent)
    terminal.err(`ringfence: run ${id} does not answer: its controller hangs, or is stopped`);
  if (options.json) {
    terminal.out(JSON.stringify(alive, null, 2));
    return EXIT.ok;
  }
  if (alive.length + silent.length === 0) terminal.out('nothing is running');
  for (const status of alive) {
    const age = formatDuration(Date.now() - Date.parse(status.started));
    terminal.out(
      `${status.id}  ${safe(status.name)}  pid ${status.pid}  ${age}  ${status.processes} processes, ${status.flows} flows, ${status.denials} denials${questions(status)}`,
    );
    terminal.out(`    ${shorten(commandLine(status.command), Math.max(30, terminal.columns() - 4))}`);
  }
  return EXIT.ok;
}
