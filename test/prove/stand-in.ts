/**
 * A stand-in for services outside: on loopback, over HTTP, bare TCP, UDP and a Unix socket. It keeps what it is sent under
 * its path, gives it back, fetches what it is told to from itself, and writes everything that reached it into a file.
 *
 * @module
 */
import { createSocket } from 'node:dgram';
import { appendFileSync, chmodSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const HOST = '127.0.0.1';
const LONGEST = 65_536;

export interface StandIn {
  /** host:port, TCP and UDP */
  address: string;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) if (body.length < LONGEST) body += String(chunk);
  return body;
}

/** @param folder where `seen` and `relay.sock` are made */
export async function startStandIn(folder: string): Promise<StandIn> {
  const seen = join(folder, 'seen');
  writeFileSync(seen, '', { mode: 0o666 });
  chmodSync(seen, 0o666);
  const note = (text: string) => appendFileSync(seen, `${text.slice(0, LONGEST)}\n`);
  const kept = new Map<string, string>();
  let address = '';

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = request.url ?? '/';
    const body = await bodyOf(request);
    note(`${request.method} ${url} ${JSON.stringify(request.headers)} ${body}`);
    const wanted = new URL(url, `http://${HOST}`).searchParams.get('url');
    // only ever itself: what a witness makes it fetch is seen in the same file
    if (url.startsWith('/fetch') && wanted && new URL(wanted).port === address.split(':')[1]) {
      const own = `http://${address}${new URL(wanted).pathname}`;
      await new Promise((done) => get(own, (reply) => reply.resume().on('end', done)).on('error', done));
    }
    if (body !== '') kept.set(url, body);
    response.end(kept.get(url) ?? '');
  };
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch(() => response.destroy());
  };

  const servers = [createServer(handle), createServer(handle)] as const;
  const [tcp, unix] = servers;
  for (const server of servers)
    server.on('clientError', (error: Error & { rawPacket?: Buffer }, socket) => {
      note(error.rawPacket?.toString('latin1') ?? '');
      socket.destroy();
    });
  await new Promise<void>((done) => tcp.listen(0, HOST, done));
  const { port } = tcp.address() as AddressInfo;
  address = `${HOST}:${port}`;
  const path = join(folder, 'relay.sock');
  await new Promise<void>((done) => unix.listen(path, done));
  chmodSync(path, 0o666);
  const udp = createSocket('udp4');
  udp.on('message', (message) => note(message.toString('latin1')));
  await new Promise<void>((done) => udp.bind(port, HOST, done));

  return {
    address,
    async close() {
      udp.close();
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
    },
  };
}
