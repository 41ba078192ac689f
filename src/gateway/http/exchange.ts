/**
 * The record of one request, from its head to the last byte of its answer.
 *
 * @module
 */
import type { EventBody } from '../../contract/index.ts';
import { ContentReader } from '../content/index.ts';
import { queryNames } from './secrets.ts';

/** Longest text of the agent's choosing in an event. */
const MAX_TEXT = 1024;

type RequestEvent = Extract<EventBody, { kind: 'http.request' }>;

/** An `http.request` event without what only the flow knows. */
export type RequestRecord = Omit<RequestEvent, 'kind' | 'flow' | 'owner'>;

export class Exchange {
  readonly method: string;
  readonly minor: 0 | 1;
  /** the client asked to upgrade, and may */
  readonly websocket: boolean;
  sent = 0;
  received = 0;
  readonly content: ContentReader;
  status: number | undefined;
  readonly #what: Pick<RequestRecord, 'method' | 'host' | 'path' | 'query' | 'clause'>;
  readonly #now: () => number;
  readonly #started: number;
  #waits: boolean;

  /** `asks`: for a WebSocket, and for the server's word before its body. */
  constructor(
    what: {
      method: string;
      minor: 0 | 1;
      host: string;
      path: string;
      query: string | undefined;
      clause: string;
    },
    asks: { websocket: boolean; word: boolean },
    now: () => number,
  ) {
    const { method, minor, host, path, query, clause } = what;
    this.method = method;
    this.minor = minor;
    this.websocket = asks.websocket;
    this.#waits = asks.word && minor === 1;
    this.content = new ContentReader(host, query === undefined ? path : `${path}?${query}`);
    const names = queryNames(query);
    this.#what = {
      method,
      host,
      path: path.slice(0, MAX_TEXT),
      ...(names.length > 0 ? { query: names } : {}),
      clause,
    };
    this.#now = now;
    this.#started = now();
  }

  /** Whether `100 Continue` is waited for; once. */
  takeContinue(): boolean {
    const waited = this.#waits;
    this.#waits = false;
    return waited;
  }

  record(allowed: boolean, detail?: string): RequestRecord {
    const { status, sent, received } = this;
    const content = this.content.content();
    return {
      ...this.#what,
      ...(status === undefined ? {} : { status }),
      sent,
      received,
      ms: Math.round((this.#now() - this.#started) * 10) / 10,
      allowed,
      ...(detail === undefined ? {} : { detail }),
      ...(content === undefined ? {} : { content }),
    };
  }
}
