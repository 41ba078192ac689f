/**
 * `ringfence deny`: answers a question of a run that is going on with no.
 *
 * @module
 */
import { readNamed, scopeOf, tellAnswer } from '../answer.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { operator } from '../questions.ts';

export async function run({ options, args, terminal }: Invocation<'deny'>): Promise<number> {
  const scope = scopeOf(options);
  const named = args.length === 0 ? undefined : await readNamed(args);
  if (!named || !('question' in named)) {
    throw new CommandError(
      'usage',
      'no question is named',
      'see what is asked: ringfence questions',
      EXIT.usage,
    );
  }
  const { run, question } = named;
  const request = { do: 'answer', question, allow: false, scope, by: operator() } as const;
  return await tellAnswer(run, request, { json: options.json, terminal });
}
