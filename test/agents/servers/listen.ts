/**
 * What both model servers have in common: an address on loopback, the requests they got, streamed answers.
 *
 * @module
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Seen {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface ModelServer {
  port: number;
  seen: Seen[];
  close(): Promise<void>;
}

/** Certificate and key (PEM); without them it is plain HTTP. */
export interface Identity {
  cert: string;
  key: string;
}

/** @param answer gets every request with its whole body */
export async function listen(
  answer: (request: Seen, response: ServerResponse) => void,
  identity?: Identity,
): Promise<ModelServer> {
  const seen: Seen[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { pathname } = new URL(request.url ?? '/', 'http://model.example.com');
    const one = {
      method: request.method ?? '',
      path: pathname,
      headers: request.headers,
      body: Buffer.concat(parts).toString(),
    };
    seen.push(one);
    answer(one, response);
  };
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy()); // a client that went away in the middle of its request
  };
  const server = identity ? createSecureServer(identity, handler) : createServer(handler);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Server-sent events (WHATWG HTML §9.2), each named by the `type` of its data. */
export function stream(response: ServerResponse, events: readonly { type: string }[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
}
