/**
 * HTTP/1.1 with clients inside: requests with bodies, answers that stream. The parser is Node's, strict; what it does
 * not take is answered once and ends the connection.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Owner } from '../../contract/index.ts';
import type { AcceptedStream } from './stream.ts';

/** Bytes of a request's head; clients send two or three thousand. */
const MAX_HEAD = 32 * 1024;
/** Milliseconds for a request's head, for all of a request, and between two. */
const HEAD_MS = 10_000;
const REQUEST_MS = 120_000;
const IDLE_MS = 120_000;

/** Who asks, over which flow. */
export interface Asker {
  owner: Owner;
  flow: number;
}

export interface HttpHandlers {
  handle(request: IncomingMessage, response: ServerResponse, asker: Asker): void;
  /** what came is no request */
  malformed(why: string, asker: Asker): void;
}

export class HttpService {
  readonly #server: Server;
  readonly #askers = new WeakMap<object, Asker>();
  readonly #streams = new Set<AcceptedStream>();

  constructor(handlers: HttpHandlers) {
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEAD,
        headersTimeout: HEAD_MS,
        requestTimeout: REQUEST_MS,
        keepAliveTimeout: IDLE_MS,
        insecureHTTPParser: false,
        requireHostHeader: true,
        joinDuplicateHeaders: false,
      },
      (request, response) => {
        const asker = this.#askers.get(request.socket);
        if (asker) handlers.handle(request, response, asker);
        else response.destroy();
      },
    );
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const asker = this.#askers.get(socket);
      // a connection that only ends is no malformed request
      if (asker && error.code !== 'ECONNRESET' && !socket.destroyed)
        handlers.malformed(error.code ?? error.message, asker);
      if (socket.writable)
        socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      else socket.destroy();
    });
    for (const kind of ['upgrade', 'connect'] as const)
      this.#server.on(kind, (_request, socket) => {
        const asker = this.#askers.get(socket);
        if (asker) handlers.malformed(kind, asker);
        socket.end('HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      });
  }

  take(stream: AcceptedStream, owner: Owner, flow: number): void {
    this.#askers.set(stream, { owner, flow });
    this.#streams.add(stream);
    stream.on('close', () => this.#streams.delete(stream));
    // any stream will do (http.Server, event 'connection')
    this.#server.emit('connection', stream);
  }

  close(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#server.close();
  }
}
