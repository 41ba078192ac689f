/**
 * An MCP server as the agent's client sees it: the tools that it may call, and nothing else of what the protocol has.
 *
 * @module
 */
import type { Owner } from '../../contract/index.ts';
import type { Backend } from './backend.ts';
import type { Calls } from './calls.ts';
import { isObject, type JsonObject } from './json.ts';
import {
  type Answer,
  failure,
  type Id,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  type Message,
  notification,
  PROTOCOL_VERSIONS,
} from './rpc.ts';

export interface SessionRequest {
  owner: Owner;
  traceparent: string | undefined;
  /** aborted when nobody waits for the answer any more */
  gone: AbortSignal;
  /** passes a notification on that belongs to this request; absent: there is no way */
  notify: ((message: JsonObject) => void) | undefined;
}

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export class ToolSession {
  readonly #backend: Backend;
  readonly #calls: Calls;
  readonly #running = new Map<string, AbortController>();
  #isBegun = false;

  constructor(backend: Backend, calls: Calls) {
    this.#backend = backend;
    this.#calls = calls;
  }

  /** A notification or a response of the client. */
  hear(message: Message): void {
    if (message.kind !== 'notification' || message.method !== 'notifications/cancelled') return;
    const { requestId } = message.params;
    if (typeof requestId === 'string' || typeof requestId === 'number' || typeof requestId === 'bigint')
      this.#running.get(keyOf(requestId))?.abort();
  }

  async answer(message: Extract<Message, { kind: 'request' }>, request: SessionRequest): Promise<Answer> {
    const { method, params } = message;
    if (method === 'ping') return { ok: true, result: {} };
    if (method === 'initialize') return this.#initialize(params);
    if (!this.#isBegun) return failure(INVALID_REQUEST, 'initialize comes first');
    if (method === 'tools/list') return await this.#list();
    if (method === 'tools/call') return await this.#call(message.id, params, request);
    return failure(METHOD_NOT_FOUND, 'Method not found');
  }

  /** Everything that is under way is given up. */
  close(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  #initialize({ protocolVersion }: JsonObject): Answer {
    this.#isBegun = true;
    const known = (PROTOCOL_VERSIONS as readonly unknown[]).includes(protocolVersion);
    return {
      ok: true,
      result: {
        protocolVersion: known ? (protocolVersion as string) : PROTOCOL_VERSIONS[0],
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: this.#backend.server.name, version: '1' },
      },
    };
  }

  async #list(): Promise<Answer> {
    const tools = await this.#backend.tools();
    return {
      ok: true,
      result: { tools: [...tools.values()].map(({ definition }) => definition as JsonObject) },
    };
  }

  async #call(id: Id, params: JsonObject, request: SessionRequest): Promise<Answer> {
    const { name, arguments: args = {}, _meta: meta } = params;
    if (typeof name !== 'string' || !isObject(args))
      return failure(INVALID_PARAMS, 'name and arguments are needed');
    const key = keyOf(id);
    if (this.#running.has(key)) return failure(INVALID_REQUEST, 'this id is in use');
    const controller = new AbortController();
    const abort = () => controller.abort();
    request.gone.addEventListener('abort', abort);
    if (request.gone.aborted) abort();
    this.#running.set(key, controller);
    const token = isObject(meta) ? meta.progressToken : undefined;
    const { notify } = request;
    const progress =
      notify && (typeof token === 'string' || typeof token === 'number')
        ? (told: JsonObject) => notify(notification('notifications/progress', progressOf(told, token)))
        : undefined;
    const span =
      isObject(meta) && typeof meta.traceparent === 'string' ? meta.traceparent : request.traceparent;
    try {
      return await this.#calls.call(this.#backend, name, args, {
        owner: request.owner,
        traceparent: span !== undefined && TRACEPARENT.test(span) ? span : undefined,
        signal: controller.signal,
        progress,
      });
    } finally {
      this.#running.delete(key);
      request.gone.removeEventListener('abort', abort);
    }
  }
}

const keyOf = (id: Id): string => `${typeof id} ${id}`;

/** Numbers and a short text. */
function progressOf({ progress, total, message }: JsonObject, progressToken: string | number): JsonObject {
  return {
    progressToken,
    progress: typeof progress === 'number' ? progress : 0,
    ...(typeof total === 'number' && { total }),
    ...(typeof message === 'string' && { message: message.slice(0, 500) }),
  };
}
