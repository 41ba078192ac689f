/**
 * `ringfence explain`: what the names in a report mean.
 *
 * @module
 */
import { suggest } from '../../contract/index.ts';
import { findTopic, topicList, topicNames, topicText } from '../../prove/explain/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { setUp } from '../prove/setup.ts';

export async function run({ args: [name], options, terminal }: Invocation<'explain'>): Promise<number> {
  const { catalogue } = await setUp();
  const style = (colour: Parameters<typeof terminal.style>[0], text: string) => terminal.style(colour, text);
  if (name === undefined) {
    if (options.json) terminal.out(JSON.stringify({ names: topicNames(catalogue) }, null, 2));
    else terminal.out(topicList(catalogue, style).trimEnd());
    return EXIT.ok;
  }
  const topic = findTopic(name, catalogue);
  if (topic === undefined)
    throw new CommandError(
      'unknown-name',
      `nothing is named ${JSON.stringify(name)}`,
      hint(name, topicNames(catalogue)),
    );
  terminal.out(options.json ? JSON.stringify(topic, null, 2) : topicText(topic, style).trimEnd());
  return EXIT.ok;
}

/** Most names that a hint lists. */
const MOST = 8;

function hint(name: string, names: readonly string[]): string {
  const near = suggest(name, names);
  if (near !== undefined) return `did you mean ${near}?`;
  const holding = name.length < 3 ? [] : names.filter((each) => each.includes(name.toLowerCase()));
  if (holding.length === 0) return 'list the names: ringfence explain';
  return `names with it: ${holding.slice(0, MOST).join(', ')}${holding.length > MOST ? ' …' : ''}`;
}
