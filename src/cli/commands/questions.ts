/**
 * `ringfence questions`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { askQuestions, questionLines } from '../questions.ts';
import { safe } from '../text.ts';
import { servedRuns } from '../wiring/control-socket.ts';

export async function run({ options, args, terminal }: Invocation<'questions'>): Promise<number> {
  const [beginning] = args;
  const runs = servedRuns().filter((id) => beginning === undefined || id.startsWith(beginning));
  const found = await askQuestions(runs);
  if (beginning !== undefined && found.length === 0) {
    throw new CommandError(
      'no-run',
      `no run that is going on begins with ${safe(beginning)}`,
      'see what runs: ringfence ps',
    );
  }
  const waiting = found.filter(({ questions }) => questions.length > 0);
  if (options.json) terminal.out(JSON.stringify(waiting, null, 2));
  else if (waiting.length === 0) terminal.out('nothing is asked');
  else
    for (const { run, questions } of waiting)
      for (const question of questions)
        for (const line of questionLines(run, question, terminal.columns())) terminal.out(line);
  return EXIT.ok;
}
