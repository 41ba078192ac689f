/**
 * `ringfence tools list`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { seeTools, toolLines } from '../tools-answer.ts';

export async function run({ options, terminal }: Invocation<'tools list'>): Promise<number> {
  const servers = await seeTools(options.contract);
  if (options.json) terminal.out(JSON.stringify(servers, null, 2));
  else for (const line of toolLines(servers)) terminal.out(line);
  return servers.some(({ problem }) => problem !== undefined) ? EXIT.failed : EXIT.ok;
}
