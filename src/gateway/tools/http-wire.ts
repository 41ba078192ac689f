/**
 * A server that is reached over streamable HTTP (MCP 2025-11-25): a POST for each message, answered by JSON or by a stream
 * of events. Redirects are not followed, cookies not kept; the headers are the operator's.
 *
 * @module
 */
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Resolve } from '../dns/outward.ts';
import { type JsonObject, parseJson, writeJson } from './json.ts';
import { sseReader } from './sse.ts';
import type { Wire, WireEvents } from './wire.ts';

export interface HttpWireOptions {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** PEM; absent: those that Node brings */
  ca: string | undefined;
  resolve: Resolve;
  /** milliseconds for an answer to begin, and without a byte of one */
  time: number;
  /** characters of one message */
  most: number;
}

export class HttpWire implements Wire {
  readonly #options: HttpWireOptions;
  readonly #events: WireEvents;
  readonly #agent: HttpAgent | HttpsAgent;
  #session: string | undefined;
  #version: string | undefined;
  #isClosed = false;
  /** messages go out in order: the session is known after the first */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: HttpWireOptions, events: WireEvents) {
    this.#options = options;
    this.#events = events;
    const lookup = (
      host: string,
      _options: object,
      done: (error: Error | null, addresses: { address: string; family: number }[]) => void,
    ) => {
      options.resolve(host).then(
        (found) =>
          'why' in found
            ? done(new Error(found.why), [])
            : done(
                null,
                found.addresses.map(({ text, family }) => ({ address: text, family })),
              ),
        (error: Error) => done(error, []),
      );
    };
    const shared = { keepAlive: true, maxSockets: 16, lookup: lookup as never, autoSelectFamily: true };
    this.#agent = options.url.startsWith('https:')
      ? new HttpsAgent({
          ...shared,
          minVersion: 'TLSv1.2',
          ...(options.ca !== undefined && { ca: options.ca }),
        })
      : new HttpAgent(shared);
  }

  send(message: JsonObject): void {
    const first = message.method === 'initialize';
    if (first) this.#turn = this.#post(message);
    // a call must not wait for the one before it: only for the session
    else void this.#turn.then(() => this.#post(message));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#agent.destroy();
  }

  #fail(why: string): void {
    if (this.#isClosed) return;
    this.close();
    this.#events.closed(why);
  }

  #post(message: JsonObject): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    const { url: address, headers, time } = this.#options;
    const url = new URL(address);
    const body = Buffer.from(writeJson(message));
    const options = {
      method: 'POST',
      agent: this.#agent as HttpAgent,
      timeout: time,
      headers: {
        ...headers,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'accept-encoding': 'identity',
        'user-agent': 'ringfence',
        'content-length': String(body.length),
        ...(this.#session !== undefined && { 'mcp-session-id': this.#session }),
        ...(this.#version !== undefined && { 'mcp-protocol-version': this.#version }),
      },
    };
    return new Promise((resolve) => {
      const asking =
        url.protocol === 'https:' ? requestHttps(url, options as never) : requestHttp(url, options);
      const end = (why?: string) => {
        if (why !== undefined) this.#fail(why);
        resolve();
      };
      asking.on('timeout', () => asking.destroy(new Error(`nothing came for ${time / 1000} s`)));
      asking.on('error', (error) => end(error.message));
      asking.on('response', (response) => this.#receive(response, message, end));
      asking.end(body);
    });
  }

  #receive(response: IncomingMessage, message: JsonObject, end: (why?: string) => void): void {
    const { statusCode: status = 0, headers } = response;
    const type = headers['content-type'] ?? '';
    response.on('error', (error) => end(error.message));
    if (status === 202 || (message.id === undefined && status >= 200 && status < 300)) {
      response.resume();
      end();
      return;
    }
    if (status !== 200) {
      response.resume();
      end(`it answers ${status}`);
      return;
    }
    const session = headers['mcp-session-id'];
    if (message.method === 'initialize' && typeof session === 'string' && /^[!-~]{1,512}$/.test(session))
      this.#session = session;
    const { most } = this.#options;
    const take = (text: string) => {
      const parsed = parseJson(text);
      if (!parsed.ok) this.#events.problem(`it answers with what is ${parsed.why}`);
      else {
        this.#learn(parsed.value);
        this.#events.message(parsed.value);
      }
    };
    if (/^text\/event-stream/i.test(type)) {
      const read = sseReader(most, ({ data }) => take(data));
      response.on('data', (piece: Buffer) => {
        try {
          read(piece);
        } catch (error) {
          response.destroy();
          end((error as Error).message);
        }
      });
      response.on('end', () => end());
      return;
    }
    const pieces: Buffer[] = [];
    let length = 0;
    response.on('data', (piece: Buffer) => {
      length += piece.length;
      if (length > most) {
        response.destroy();
        end(`a message of more than ${most} bytes`);
      } else pieces.push(piece);
    });
    response.on('end', () => {
      take(Buffer.concat(pieces).toString('utf8'));
      end();
    });
  }

  /** The revision that was agreed goes into a header from then on. */
  #learn(value: unknown): void {
    const version = (value as { result?: { protocolVersion?: unknown } } | null)?.result?.protocolVersion;
    if (this.#version === undefined && typeof version === 'string' && /^[0-9-]{10}$/.test(version))
      this.#version = version;
  }
}
