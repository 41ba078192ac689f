/**
 * `ringfence allow`: answers a question of a run that is going on, or adds a clause to its contract.
 *
 * @module
 */
import { readNamed, readPort, scopeOf, tellAnswer } from '../answer.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { operator } from '../questions.ts';

export async function run({ options, args, terminal }: Invocation<'allow'>): Promise<number> {
  if (args.length === 0) {
    throw new CommandError(
      'usage',
      'nothing is named',
      'see what is asked: ringfence questions; or write: ringfence allow RUN HOST:PORT PROTOCOL',
      EXIT.usage,
    );
  }
  const scope = scopeOf(options);
  const named = await readNamed(args);
  const terms = {
    ...(options.port !== undefined && { port: readPort(options.port) }),
    ...(options.protocol !== undefined && { protocol: options.protocol }),
    ...(options.address.length > 0 && { addresses: options.address }),
  };
  const by = operator();
  const request =
    'question' in named
      ? ({ do: 'answer', question: named.question, allow: true, scope, rule: terms, by } as const)
      : ({ do: 'allow', rule: { ...named.rule, ...terms }, scope, by } as const);
  return await tellAnswer(named.run, request, { json: options.json, terminal });
}
