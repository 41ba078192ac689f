/**
 * Stand-ins: who is outside. They run inside the battery's own namespaces, where there is nobody else.
 *
 * @module
 */
import { join } from 'node:path';
import type { Sign, StandIn } from '../schema.ts';
import { nameServer, tcp } from './plain.ts';
import { pool } from './pool.ts';
import { sshd } from './sshd.ts';
import { Standing } from './standing.ts';
import { mail, web } from './web.ts';

export { account, FORWARDED, makeKeys } from './sshd.ts';
export { holds, Standing } from './standing.ts';

const NAME_PORT = 53;

/** Stand-ins that a sign looks at. */
export function standInsOf(sign: Sign): readonly string[] {
  if ('visited' in sign) return sign.visited.at;
  for (const one of ['arrived', 'shares', 'entered', 'requested', 'delivered'] as const)
    if (one in sign) return [(sign as Record<typeof one, { at: string }>)[one].at];
  return [];
}

/**
 * Starts all of them and the name server that knows them.
 *
 * @param addresses stand-in → its address, which the network namespace has
 * @param folder for keys; that of a server is `folder/NAME`
 * @throws where one does not start
 */
export async function startStandIns(
  standIns: Readonly<Record<string, StandIn>>,
  addresses: Readonly<Record<string, string>>,
  folder: string,
): Promise<Map<string, Standing>> {
  const all = new Map<string, Standing>();
  const names = new Map(Object.entries(standIns).map(([name, { host }]) => [host, addresses[name] ?? '']));
  const zones = new Map<string, { standing: Standing; address: string }>();
  for (const [name, standIn] of Object.entries(standIns)) {
    const standing = new Standing();
    all.set(name, standing);
    const at = { address: addresses[name] ?? '127.0.0.1', port: standIn.port };
    switch (standIn.kind) {
      case 'http':
        await web(standing, at, standIn, (host) => names.has(host));
        break;
      case 'mail':
        await mail(standing, at, standIn);
        break;
      case 'tcp':
        await tcp(standing, at, standIn);
        break;
      case 'pool':
        await pool(standing, at);
        break;
      case 'sshd':
        await sshd(standing, at, join(folder, name));
        break;
      case 'dns':
        zones.set(standIn.host, { standing, address: at.address });
        break;
    }
  }
  const close = await nameServer(NAME_PORT, names, zones);
  all.values().next().value?.onClose(close);
  return all;
}
