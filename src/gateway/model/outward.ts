/**
 * The gateway's own connections to providers: over TLS, to addresses that the contract or the machine's resolvers give,
 * and nothing private unasked.
 *
 * @module
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ModelAccess } from '../../contract/index.ts';
import type { Resolve } from '../dns/outward.ts';
import { parseAddress } from '../policy/addresses.ts';

/** Milliseconds without a byte: models think for minutes before they answer. */
const IDLE_MS = 600_000;
const CONNECT_MS = 15_000;
const MOST_CONNECTIONS = 64;

export interface Asked {
  method: 'GET' | 'POST';
  /** below the endpoint */
  path: string;
  headers: OutgoingHttpHeaders;
  body?: Buffer;
}

export interface Hears {
  answer(response: IncomingMessage): void;
  /** no answer came; `begun`: the provider may have begun with one */
  failed(why: string, begun: boolean): void;
}

export class ModelUpstream {
  readonly #agent: HttpAgent;
  readonly #url: URL;
  readonly #resolve: Resolve;

  constructor(access: ModelAccess, resolve: Resolve) {
    this.#url = new URL(access.endpoint);
    this.#resolve = resolve;
    const lookup: LookupFunction = (host, _options, done) => {
      this.#resolve(host).then(
        (found) => {
          if ('why' in found) done(new Error(found.why), []);
          else
            done(
              null,
              found.addresses.map(({ text, family }) => ({ address: text, family })),
            );
        },
        (error: NodeJS.ErrnoException) => done(error, []),
      );
    };
    const shared = {
      keepAlive: true,
      maxSockets: MOST_CONNECTIONS,
      lookup,
      autoSelectFamily: true,
      noDelay: true,
    };
    const { authorities } = access;
    this.#agent =
      this.#url.protocol === 'https:'
        ? new HttpsAgent({
            ...shared,
            minVersion: 'TLSv1.2',
            ...(authorities !== undefined && { ca: authorities }),
          })
        : new HttpAgent(shared);
  }

  /** @returns what takes the request back */
  ask({ method, path, headers, body }: Asked, hears: Hears): () => void {
    const secure = this.#url.protocol === 'https:';
    const literal = parseAddress(this.#url.hostname.replace(/^\[|\]$/g, ''));
    const options = {
      method,
      agent: this.#agent,
      host: literal?.text ?? this.#url.hostname,
      port: this.#url.port === '' ? (secure ? 443 : 80) : Number(this.#url.port),
      path: `${this.#url.pathname.replace(/\/+$/, '')}${path}`,
      setDefaultHeaders: false,
      headers,
      timeout: IDLE_MS,
    };
    const request: ClientRequest = secure ? requestHttps(options) : requestHttp(options);
    let over = false;
    let begun = false;
    const fail = (why: string) => {
      if (!over) hears.failed(why, begun);
      over = true;
    };
    const late = setTimeout(
      () => request.destroy(new Error('it could not be connected to in time')),
      CONNECT_MS,
    );
    request.on('socket', (socket) => {
      const connected = () => {
        clearTimeout(late);
        begun = true;
      };
      if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', connected);
      else connected();
    });
    request.on('timeout', () => request.destroy(new Error(`nothing came for ${IDLE_MS / 1000} s`)));
    request.on('error', (error) => fail(wordsOf(error)));
    request.on('close', () => {
      clearTimeout(late);
      fail('it closed without an answer');
    });
    request.on('response', (response) => {
      over = true;
      hears.answer(response);
    });
    request.end(body);
    return () => {
      over = true;
      request.destroy();
    };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Why a connection failed, for the operator. Where several addresses were tried the error itself says nothing. */
function wordsOf(error: Error): string {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  const { code = '', message } = (first ?? error) as NodeJS.ErrnoException;
  return message === '' ? code : message;
}
