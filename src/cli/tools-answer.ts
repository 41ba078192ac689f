/**
 * What `tools list` and `tools pin` show. Names and descriptions are the servers' own words, and are escaped.
 *
 * @module
 */
import { dirname, resolve } from 'node:path';
import { requireKnownContract } from './contract-cache.ts';
import { contractFile } from './contract-name.ts';
import { CommandError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { safe } from './text.ts';
import { hostUser } from './wiring/machine-facts.ts';
import type { SeenServer } from './wiring/tools/seen.ts';

const SHOWN = 200;

/** The servers of a contract as they are now. */
export async function seeTools(contract: string | undefined): Promise<SeenServer[]> {
  const loaded = await requireKnownContract(contractFile(contract));
  const path = resolve(loaded.source.path);
  const [{ findServers }, { seeServer }] = await Promise.all([
    import('./wiring/tools/servers.ts'),
    import('./wiring/tools/seen.ts'),
  ]);
  const { home } = hostUser(process.env);
  const found = findServers({ contract: loaded.contract, base: dirname(path), home, env: process.env });
  if (!found.ok)
    throw new CommandError('invalid-contract', `${found.field}: ${found.problem}`, found.hint, EXIT.usage);
  return Promise.all(found.servers.map((server) => seeServer(server, path)));
}

const STANDING = {
  allowed: 'may be called',
  approved: 'is asked about',
  denied: 'may not be called',
} as const;

export function toolLines(servers: readonly SeenServer[]): string[] {
  if (servers.length === 0) return ['the contract names no tools'];
  return servers.flatMap(({ name, tools, problem }) => [
    `${safe(name)}${problem === undefined ? '' : `: ${safe(problem)}`}`,
    ...tools.flatMap((tool) => [
      `  ${tool.state.padEnd(8)} ${safe(tool.name)}  ${STANDING[tool.standing]}${tool.why === undefined ? '' : ` (${safe(tool.why)})`}`,
      ...(tool.description === '' || tool.standing === 'denied'
        ? []
        : [`           ${safe(tool.description.replace(/\s+/g, ' ').slice(0, SHOWN))}`]),
    ]),
  ]);
}
