/**
 * A provider of models, over TLS on loopback: it speaks Messages, Chat Completions and Responses, and answers by a
 * script that the model's name chooses.
 *
 * @module
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificates } from '../egress/certificates.ts';
import { type Answer, answerFor } from './scripts.ts';

export interface Seen {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** the client went away before the answer was whole */
  left: boolean;
}

export interface Provider {
  port: number;
  seen: Seen[];
  /** lets the streams that wait go on */
  release(): void;
  close(): Promise<void>;
}

/** @param certificates absent: in the clear */
export async function serveProvider(certificates?: Certificates): Promise<Provider> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const one: Seen = { method, path, headers, body: Buffer.concat(pieces).toString(), left: false };
      const before = seen.filter((other) => other.path === path && other.body === one.body).length;
      seen.push(one);
      response.on('close', () => {
        one.left = !response.writableFinished;
      });
      send(response, answerFor(path, one.body, headers, before), released).catch(() => response.destroy());
    });
  };
  const server = certificates
    ? createSecureServer({ key: certificates.key, cert: certificates.cert }, handle)
    : createServer(handle);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    release,
    close: () =>
      new Promise((resolve) => {
        release();
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function send(response: ServerResponse, answer: Answer, released: Promise<void>): Promise<void> {
  response.writeHead(answer.status, answer.headers);
  for (const piece of answer.pieces) {
    if (piece === 'wait') await released;
    else if (piece === 'cut') {
      response.destroy();
      return;
    } else await new Promise((resolve) => response.write(piece, resolve));
  }
  response.end();
}
