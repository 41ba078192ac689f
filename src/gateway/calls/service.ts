/**
 * Where scaffolds inside declare their tool calls: `POST` of a small JSON object. Whatever is sent, the answer is the
 * same, and is given when all of it was read.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  CALLS_ADDRESS,
  CALLS_HOST,
  CALLS_PATH,
  CALLS_PORT,
  type FlowRegistration,
  type GatewayConfig,
} from '../../contract/index.ts';
import type { FlowContext } from '../flow/context.ts';
import type { Address } from '../policy/addresses.ts';
import type { Reporter } from '../reporter.ts';
import { Endpoint } from '../served/endpoint.ts';
import { type Asker, HttpService } from '../served/http.ts';
import type { CarriedFlow, Served } from '../served/served.ts';
import { asStream } from '../served/stream.ts';
import { DeclaredCalls } from './declared.ts';
import { LONGEST } from './read.ts';

/** Bodies of so many are held at once. */
const MAX_FLOWS = 32;
/** Milliseconds for the controller to say that something is on record. */
const PATIENCE = 1000;
const HOSTS: ReadonlySet<string | undefined> = new Set([CALLS_HOST, `${CALLS_HOST}:${CALLS_PORT}`]);

/** The service where the contract asks for it. */
export const callService = (config: GatewayConfig, reporter: Reporter): CallService | undefined =>
  config.declarations ? new CallService(reporter) : undefined;

export class CallService implements Served {
  readonly #calls: DeclaredCalls;
  readonly #http: HttpService;
  /** those who wait until their call, or its end, is on record: in the order in which it will be */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #endpoint = new Endpoint({
    host: CALLS_HOST,
    clause: 'oversight.calls',
    address: CALLS_ADDRESS,
    port: CALLS_PORT,
    called: 'where calls are declared',
    most: MAX_FLOWS,
  });

  constructor(reporter: Reporter) {
    this.#calls = new DeclaredCalls(reporter);
    this.#http = new HttpService({
      handle: (request, response, asker) =>
        void this.#handle(request, response, asker).catch(() => response.destroy()),
      malformed: (_why, { owner }) => this.#calls.refuse('it is no request', owner),
    });
  }

  addressOf(name: string): { address: Address; ttl: number } | undefined {
    return name === CALLS_HOST ? this.#endpoint.answer() : undefined;
  }

  serve(
    context: FlowContext,
    registration: FlowRegistration,
    done: (flow: CarriedFlow) => void,
  ): CarriedFlow | undefined {
    const take = asStream((stream, owner, flow) => this.#http.take(stream, owner, flow));
    return this.#endpoint.serve(context, registration, take, done);
  }

  /** The controller knows of a call: whoever declared it may go on. */
  recorded(call: string): void {
    this.#waiting.get(call)?.shift()?.();
  }

  close(): void {
    this.#http.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse, { owner }: Asker): Promise<void> {
    response.on('error', () => {});
    request.on('error', () => {});
    const body = await read(request);
    if (body === undefined) {
      this.#calls.refuse('its body is too long, or broken off', owner);
      if (!request.complete) response.shouldKeepAlive = false;
    } else if (!isDeclaration(request)) this.#calls.refuse('there is no such path', owner);
    else {
      const call = this.#calls.take(body, owner);
      // what is started next must not be told of before it
      if (call !== undefined) await this.#recordOf(call);
    }
    response.writeHead(204).end();
  }

  async #recordOf(call: string): Promise<void> {
    const waiting = this.#waiting.get(call) ?? [];
    this.#waiting.set(call, waiting);
    await new Promise<void>((resolve) => {
      const go = () => {
        clearTimeout(late);
        resolve();
      };
      const late = setTimeout(() => {
        waiting.splice(waiting.indexOf(go), 1);
        resolve();
      }, PATIENCE);
      waiting.push(go);
    });
    if (waiting.length === 0) this.#waiting.delete(call);
  }
}

const isDeclaration = ({ method, url, headers }: IncomingMessage): boolean =>
  method === 'POST' &&
  url === CALLS_PATH &&
  HOSTS.has(headers.host?.toLowerCase()) &&
  headers['content-encoding'] === undefined;

/** All of it; what is too long is read to its end, within reason, and forgotten. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length <= LONGEST) pieces.push(piece);
      else pieces.length = 0;
      if (length > 16 * LONGEST) return undefined;
    }
  } catch {
    return undefined;
  }
  return length <= LONGEST && request.complete ? Buffer.concat(pieces) : undefined;
}
