/**
 * Ports and waiting on the loopback.
 *
 * @module
 */

import { connect, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Asks `condition` every 50 ms until it is true; false once `milliseconds` have passed. */
export async function poll(milliseconds: number, condition: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
}

/** What a server on the loopback says first, `undefined` when none answers or none speaks within a second. */
export function greeting(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 });
    const done = (text: string | undefined) => {
      socket.destroy();
      resolve(text);
    };
    socket.on('data', (data: Buffer) => done(data.toString('latin1')));
    socket.on('error', () => done(undefined));
    socket.on('timeout', () => done(undefined));
    socket.on('close', () => done(undefined));
  });
}

/** Whether something listens on a port of the loopback. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Binds a server to a free port and gives the port. */
export function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** `count` different ports that were free a moment ago, for programs that take a port as an argument. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map((server) => listen(server)));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
