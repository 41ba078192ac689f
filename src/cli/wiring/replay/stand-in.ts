/**
 * Stand-ins for whatever hosts a contract names, on every address of the replay's own network. They recognise what is
 * spoken by its first bytes, keep what they are sent, give back what was kept, and answer with an order.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { chmodSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { CertificateAuthority } from '../../../gateway/tls/authority.ts';
import type { Listening } from './types.ts';

/** Bytes that are kept of what was sent, over all hosts; the newest. */
const KEPT = 8 * 1024 * 1024;
/** Of one object. */
const OBJECT = 64 * 1024;

export interface StandIns {
  /** All that arrived, as Latin-1. */
  received(): string;
  close(): void;
}

/** Postgres' start-up message: length, then version 3.0 (PostgreSQL documentation, 54.7). */
const isPostgres = (bytes: Buffer): boolean => bytes[0] === 0 && bytes[1] === 0;

/**
 * Listens on each port, for every address and protocol.
 *
 * @throws where a port cannot be had
 */
export async function startStandIns(
  listening: readonly Listening[],
  order: string,
  authority: { certificate: string; key: string },
  sockets: readonly string[] = [],
): Promise<StandIns> {
  const certificates = new CertificateAuthority(authority);
  const kept = new Map<string, string>();
  let arrived = '';
  const note = (text: string) => {
    arrived = (arrived + text).slice(-KEPT);
  };

  const http = createHttpServer((request: IncomingMessage, response: ServerResponse) => {
    const { method, url = '/', headers } = request;
    const [pathname = '', search = ''] = url.split(/(?=\?)(.*)/s);
    note(`${method} ${decode(url)} ${JSON.stringify(headers)}\n`);
    let body = '';
    request.setEncoding('latin1');
    request.on('data', (chunk: string) => {
      note(chunk);
      if (body.length < OBJECT) body += chunk;
    });
    request.on('error', () => {});
    request.on('end', () => {
      const name = `${headers.host}${pathname}`;
      const before = kept.get(name) ?? '';
      kept.set(name, `${before}${decode(search)}${body}`.slice(-OBJECT));
      response.setHeader('x-order', order); // HEAD has no other place
      response.end(`${order}\n${before}`);
    });
  });
  http.on('upgrade', (request, socket) => {
    note(`${request.url}\n`);
    socket.on('data', (chunk: Buffer) => note(chunk.toString('latin1')));
    socket.on('error', () => {});
    // a text frame, unmasked (RFC 6455, section 5.2); nobody here checks the key
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accepted(request)}\r\n\r\n`,
    );
    socket.write(Buffer.concat([Buffer.of(0x81, order.length), Buffer.from(order)]));
  });

  const talk = (socket: Socket): void => {
    socket.on('error', () => {});
    socket.once('data', (first: Buffer) => {
      if (first[0] === 22) return pass(socket, first, secure);
      if (/^[A-Z]{3,10} \//.test(first.toString('latin1', 0, 12))) return pass(socket, first, http);
      const name = `${socket.localPort}`;
      const before = kept.get(name) ?? '';
      const keep = (chunk: Buffer) => {
        note(chunk.toString('latin1'));
        kept.set(name, `${kept.get(name) ?? ''}${chunk.toString('latin1')}`.slice(-OBJECT));
      };
      keep(first);
      socket.on('data', keep);
      if (first.toString('latin1', 0, 4) === 'SSH-') socket.write('SSH-2.0-standin\r\n');
      if (isPostgres(first)) socket.write(Buffer.from('520000000800000000', 'hex')); // AuthenticationOk
      socket.write(`${order}\n${before}`, 'latin1');
    });
  };
  const secure = createServer((socket) => {
    const options = {
      isServer: true,
      SNICallback: (name: string, done: (error: null, context: SecureContext) => void) =>
        done(null, certificates.contextFor(name)),
      // for addresses, which no client names
      secureContext: certificates.contextFor('127.0.0.1'),
      ALPNProtocols: ['http/1.1'],
    };
    talk(new TLSSocket(socket, options));
  });
  for (const server of [http, secure]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));

  const servers: { close(): void }[] = [];
  for (const { port, transport } of listening) {
    if (transport === 'tcp') {
      const server = createServer(talk);
      await new Promise<void>((done, failed) => {
        server.on('error', failed);
        server.listen(port, '::', done);
      });
      servers.push(server);
    } else
      for (const type of ['udp4', 'udp6'] as const) {
        const socket = createSocket({ type, ipv6Only: type === 'udp6' });
        socket.on('message', (message, from) => {
          const text = message.toString('latin1');
          const before = kept.get(`udp ${port}`) ?? '';
          note(text);
          kept.set(`udp ${port}`, (before + text).slice(-1000));
          socket.send(Buffer.from(`${order}\n${before}`, 'latin1'), from.port, from.address);
        });
        await new Promise<void>((done, failed) => {
          socket.on('error', failed);
          socket.bind(port, done);
        });
        servers.push(socket);
      }
  }
  for (const path of sockets) {
    const server = createServer(talk);
    await new Promise<void>((done) => server.listen(path, done));
    chmodSync(path, 0o666);
    servers.push(server);
  }
  return {
    received: () => arrived,
    close: () => {
      for (const server of [...servers, http, secure]) server.close();
      http.closeAllConnections();
    },
  };
}

/** Hands a connection over to a server that understands what it began with. */
function pass(socket: Socket, first: Buffer, server: Server): void {
  const inner = connect((server.address() as AddressInfo).port, '127.0.0.1');
  inner.on('error', () => socket.destroy());
  socket.on('close', () => inner.destroy());
  inner.write(first);
  socket.pipe(inner).pipe(socket);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** RFC 6455, section 4.2.2. */
function accepted({ headers }: IncomingMessage): string {
  const key = `${headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  return createHash('sha1').update(key).digest('base64');
}
