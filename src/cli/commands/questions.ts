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
  if (options.serve) {
    if (beginning !== undefined || options.json)
      throw new CommandError(
        'usage',
        '--serve answers about all runs, in JSON: it takes no run and no --json',
        'write: ringfence questions --serve [--at ADDRESS]',
        EXIT.usage,
      );
    const { serveQuestions } = await import('../questions-server.ts');
    return await serveQuestions(options.at ?? '127.0.0.1:0', terminal);
  }
  if (options.at !== undefined)
    throw new CommandError('usage', '--at says where --serve listens', 'add --serve', EXIT.usage);
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
