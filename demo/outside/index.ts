/**
 * Everything that is outside the agent, on the loopback: what its attempts would reach, and the witnesses by which
 * the demo judges whether they did.
 *
 * @module
 */
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { Cleanup } from '../cleanup.ts';
import { makePool, type Pool } from './pool.ts';
import { type Drop, makeDrop, makeNeighbour, makeSource, type Neighbour, type Source } from './services.ts';
import { type Sshd, startSshd } from './sshd.ts';
import { freePorts, greeting, listen, poll } from './wait.ts';

const NEIGHBOUR_ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];

export interface Outside {
  sshd: Sshd;
  /** port inside, where the agent waits for the visitor */
  localPort: number;
  pool: Pool;
  poolPort: number;
  source: Source;
  sourcePort: number;
  drop: Drop;
  dropPort: number;
  neighbours: { neighbour: Neighbour; endpoint: string }[];
  /** what the demo was greeted with when it came in through the tunnel */
  cameIn?: string;
}

/** Starts the servers; all end with `cleanup`. */
export async function startOutside(folder: string, cleanup: Cleanup): Promise<Outside> {
  const open = async (server: Server, address?: string) => {
    cleanup.add(() => server.close());
    server.unref();
    return await listen(server, address);
  };
  const pool = makePool();
  const source = makeSource();
  const drop = makeDrop();
  const [poolPort, sourcePort, dropPort] = [
    await open(pool.server),
    await open(source.server),
    await open(drop.server),
  ];
  const neighbours = [];
  for (const address of NEIGHBOUR_ADDRESSES) {
    const neighbour = makeNeighbour();
    neighbours.push({ neighbour, endpoint: `${address}:${await open(neighbour.server, address)}` });
  }
  const [port = 0, remotePort = 0, localPort = 0] = await freePorts(3);
  const sshd = await startSshd(join(folder, 'sshd'), { port, remotePort }, cleanup);
  return { sshd, localPort, pool, poolPort, source, sourcePort, drop, dropPort, neighbours };
}

/** Plays the outside party: keeps knocking at the tunnel's far end until it is let in or the run is over. */
export async function visitThroughTunnel(outside: Outside, over: () => boolean): Promise<void> {
  await poll(120_000, async () => {
    const said = await greeting(outside.sshd.remotePort);
    if (said?.startsWith('agent ')) outside.cameIn = said.trim();
    return outside.cameIn !== undefined || over();
  });
}
