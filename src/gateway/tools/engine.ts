/**
 * Everything of the tools that speaks: servers on one side, clients on the other, calls between them.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { GatewayMessage, GatewayOrder, Owner, PeopleRule, ToolServer } from '../../contract/index.ts';
import { TOOL_DOMAIN, toolHost } from '../../contract/tools.ts';
import type { Questions } from '../approvals/questions.ts';
import type { Resolve } from '../dns/outward.ts';
import type { Reporter } from '../reporter.ts';
import { type Asker, HttpService } from '../served/http.ts';
import type { AcceptedStream } from '../served/stream.ts';
import { Backend } from './backend.ts';
import { Calls } from './calls.ts';
import { ToolHttp } from './http.ts';
import { HttpWire } from './http-wire.ts';
import { LinesWire } from './lines.ts';

/** Characters of one message of a server beyond its largest result. */
const ROOM = 4 * 1024 * 1024;

export interface ToolEngineOptions {
  servers: readonly ToolServer[];
  people: readonly PeopleRule[];
  reporter: Reporter;
  questions: Questions;
  resolve: Resolve;
  send: (message: GatewayMessage) => void;
}

export class ToolEngine {
  readonly #options: ToolEngineOptions;
  readonly #backends: readonly Backend[];
  readonly #clients: ToolHttp;
  readonly #http: HttpService;

  constructor(options: ToolEngineOptions) {
    this.#options = options;
    const { servers, reporter, send } = options;
    this.#clients = new ToolHttp(new Calls(options));
    this.#backends = servers.map((server, number): Backend => {
      const backend: Backend = new Backend({
        number,
        server,
        reporter,
        send,
        changed: () => this.#clients.changed(backend),
      });
      return backend;
    });
    this.#http = new HttpService({
      handle: (request, response, asker) => this.#handle(request, response, asker),
      malformed: (why, asker) => this.#deny(asker, `a malformed request: ${why}`),
    });
    for (const backend of this.#backends) this.#connectOutside(backend);
  }

  take(stream: AcceptedStream, owner: Owner, flow: number): void {
    this.#http.take(stream, owner, flow);
  }

  /** A server's process has these streams now. */
  connect(number: number, read: Readable, write: Writable): void {
    const backend = this.#backends[number];
    if (!backend) {
      read.destroy();
      write.destroy();
      return;
    }
    backend.connect((events) => new LinesWire(read, write, backend.server.result + ROOM, events));
  }

  gone({ server, why, again }: Extract<GatewayOrder, { order: 'server-gone' }>): void {
    const backend = this.#backends[server];
    const name = backend?.server.name ?? String(server);
    const then = again ? 'it is started again' : 'its tools cannot be called any more';
    this.#options.reporter.coalesced(`server-ended ${name}`, {
      kind: 'note',
      text: `tools: the server ${name} ended: ${why}; ${then}`,
    });
    if (!again) backend?.gone(why);
  }

  close(): void {
    this.#clients.close();
    this.#http.close();
    for (const backend of this.#backends) backend.close();
  }

  #connectOutside(backend: Backend): void {
    const { via, time, result } = backend.server;
    if (via.kind !== 'http') return;
    const { url, headers, ca } = via;
    const { resolve } = this.#options;
    backend.keep((events) => new HttpWire({ url, headers, ca, resolve, time, most: result + ROOM }, events));
  }

  #handle(request: IncomingMessage, response: ServerResponse, asker: Asker): void {
    const host = (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
    const backend = this.#backends.find(({ server }) => toolHost(server.name) === host);
    if (backend) {
      this.#clients.handle(backend, request, response, asker);
      return;
    }
    this.#deny(asker, `a server that the contract does not name: ${host.slice(0, 100)}`);
    response.writeHead(404, { 'content-length': 0, connection: 'close' }).end();
  }

  #deny({ owner }: Asker, what: string): void {
    this.#options.reporter.coalesced(`tools ${owner.pid}`, {
      kind: 'denial',
      layer: 'gateway',
      owner,
      what: `${TOOL_DOMAIN}: ${what}`,
      clause: 'tools',
    });
  }
}
