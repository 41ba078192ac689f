/**
 * `ringfence tools pin`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { seeTools, toolLines } from '../tools-answer.ts';
import { writePins } from '../wiring/tools/pins.ts';

export async function run({ options, terminal }: Invocation<'tools pin'>): Promise<number> {
  const servers = await seeTools(options.contract);
  for (const { name, pins, tools, problem } of servers) {
    if (problem !== undefined) continue;
    const digests = tools.flatMap((tool) => (tool.digest === undefined ? [] : [[tool.name, tool.digest]]));
    writePins(pins, name, Object.fromEntries(digests), true);
  }
  for (const line of toolLines(servers)) terminal.out(line);
  for (const file of new Set(servers.map(({ pins }) => pins)))
    terminal.out(`pinned as they are now, in ${file}`);
  return servers.some(({ problem }) => problem !== undefined) ? EXIT.failed : EXIT.ok;
}
