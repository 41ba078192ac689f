/**
 * The hosts that contracts of these tests name, on loopback addresses and free ports, and one that none names.
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Certificates } from './certificates.ts';

/** Where the named hosts live: a loopback address of this machine, and the only one of IPv6. */
export const HOME4 = '127.9.9.9';
export const HOME6 = '::1';
/** Bytes of the large download. */
export const BULK = 48 * 1024 * 1024;

export interface Origins {
  /** the same handler over TLS, on HOME4 and HOME6 */
  https: number;
  /** on HOME4 and HOME6 */
  http: number;
  /** answers with the digest of what it got once the client has ended its side */
  digest: number;
  /** holds every connection until `crowd` of them are open at once, then answers each */
  crowd: number;
  /** returns datagrams, on HOME4 and HOME6 */
  udp: number;
  /** nobody listens here */
  closed: number;
  /** on 127.0.0.1, named by no contract */
  neighbour: number;
  /** how often the neighbour was reached */
  visits(): number;
  bulkDigest: string;
  listen(handler: RequestListener): Promise<number>;
  close(): void;
}

export const CROWD = 200;

type Closable = { close(): unknown; closeAllConnections?(): void };

async function bound(server: Server | HttpServer, host: string, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function serve(bulk: Buffer): RequestListener {
  return (request, response) => {
    if (request.url === '/bulk' && request.method === 'GET') {
      response.setHeader('content-length', bulk.length);
      response.end(bulk);
      return;
    }
    const hash = createHash('sha256');
    request.on('data', (chunk: Buffer) => hash.update(chunk));
    request.on('end', () => {
      if (request.method === 'GET') response.end(`hello ${request.headers.host?.replace(/:\d+$/, '')}`);
      else response.end(hash.digest('hex'));
    });
  };
}

function echoDigest(socket: Socket): void {
  const hash = createHash('sha256');
  socket.on('error', () => {});
  socket.on('data', (chunk) => hash.update(chunk));
  socket.on('end', () => socket.end(hash.digest('hex')));
}

function gather(): (socket: Socket) => void {
  let waiting: Socket[] = [];
  return (socket) => {
    socket.on('error', () => {});
    waiting.push(socket);
    if (waiting.length < CROWD) return;
    for (const one of waiting) one.end('all here');
    waiting = [];
  };
}

/** Starts them all. */
export async function startOrigins(certificates: Certificates): Promise<Origins> {
  const open: Closable[] = [];
  const keep = <T extends Closable>(server: T): T => {
    open.push(server);
    return server;
  };
  const both = async (make: () => Server | HttpServer): Promise<number> => {
    const port = await bound(keep(make()), HOME4);
    await bound(keep(make()), HOME6, port);
    return port;
  };
  const secure = (handler: RequestListener) =>
    createHttpsServer({ key: certificates.key, cert: certificates.cert }, handler);
  const bulk = randomBytes(BULK);
  const handler = serve(bulk);
  const half = { allowHalfOpen: true };
  let visits = 0;
  const neighbour = keep(
    createServer((socket) => {
      visits += 1;
      socket.destroy();
    }),
  );
  const unused = createServer();
  const closed = await bound(unused, HOME4);
  unused.close();
  const udp = await bindUdp(keep(createSocket('udp4')), HOME4);
  await bindUdp(keep(createSocket('udp6')), HOME6, udp);
  return {
    https: await both(() => secure(handler)),
    http: await both(() => createHttpServer(handler)),
    digest: await bound(keep(createServer(half, echoDigest)), HOME4),
    crowd: await bound(keep(createServer(half, gather())), HOME4),
    udp,
    closed,
    neighbour: await bound(neighbour, '127.0.0.1'),
    visits: () => visits,
    bulkDigest: digestOf(bulk),
    listen: async (other) => await bound(keep(secure(other)), HOME4),
    close: () => {
      for (const server of open) {
        server.closeAllConnections?.();
        server.close();
      }
    },
  };
}

async function bindUdp(socket: UdpSocket, address: string, port = 0): Promise<number> {
  socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address, () => {}));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, resolve);
  });
  return socket.address().port;
}
