/**
 * One MCP conversation with a server: requests of ours with their answers. The server can ask for nothing: models,
 * people and files of the client's are not its to have.
 *
 * @module
 */
import type { Json, JsonObject } from './json.ts';
import {
  type Answer,
  failure,
  INTERNAL_ERROR,
  METHOD_NOT_FOUND,
  notification,
  readMessage,
  request,
  response,
} from './rpc.ts';
import type { Wire, WireEvents } from './wire.ts';

export interface ClientEvents {
  /** `tools/list_changed` and the like */
  notified(method: string): void;
  /** it asked for something that it does not get */
  refused(method: string): void;
  problem(why: string): void;
  closed(why: string): void;
}

export interface Asked {
  /** milliseconds */
  time: number;
  progress?: ((params: JsonObject) => void) | undefined;
  signal?: AbortSignal | undefined;
}

interface Pending {
  settle: (answer: Answer) => void;
  progress: Asked['progress'];
}

/** Progress of one call that is passed on. */
const MAX_PROGRESS = 1000;

export class Client {
  readonly #events: ClientEvents;
  readonly #pending = new Map<number, Pending>();
  #wire: Wire | undefined;
  #last = 0;

  constructor(connect: (events: WireEvents) => Wire, events: ClientEvents) {
    this.#events = events;
    this.#wire = connect({
      message: (value) => this.#receive(value),
      problem: (why) => events.problem(why),
      closed: (why) => this.#closed(why),
    });
  }

  request(method: string, params: JsonObject, { time, progress, signal }: Asked): Promise<Answer> {
    const wire = this.#wire;
    if (!wire) return Promise.resolve(failure(INTERNAL_ERROR, 'the server is gone'));
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve) => {
      const settle = (answer: Answer) => {
        if (!this.#pending.delete(id)) return;
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        resolve(answer);
      };
      const giveUp = (why: string) => {
        if (method !== 'initialize')
          this.#wire?.send(notification('notifications/cancelled', { requestId: id, reason: why }));
        settle(failure(INTERNAL_ERROR, why));
      };
      const abort = () => giveUp('cancelled');
      const timer = setTimeout(() => giveUp(`no answer within ${time / 1000} s`), time);
      signal?.addEventListener('abort', abort);
      this.#pending.set(id, { settle, progress });
      const meta: JsonObject = progress ? { _meta: { progressToken: id } } : {};
      wire.send(request(id, method, { ...params, ...meta }));
      if (signal?.aborted) abort();
    });
  }

  notify(method: string, params: JsonObject = {}): void {
    this.#wire?.send(notification(method, params));
  }

  close(): void {
    const wire = this.#wire;
    this.#closed('closed');
    wire?.close();
  }

  #receive(value: Json): void {
    const message = readMessage(value);
    if (!message) {
      this.#events.problem('a message that is not JSON-RPC 2.0');
      return;
    }
    if (message.kind === 'response') {
      const id = Number(message.id);
      const pending = this.#pending.get(id);
      if (pending && typeof message.id !== 'string') pending.settle(message.answer);
      // an answer to nothing is late, or made up
      return;
    }
    if (message.kind === 'request') {
      const answer: Answer =
        message.method === 'ping' ? { ok: true, result: {} } : failure(METHOD_NOT_FOUND, 'not supported');
      if (!answer.ok) this.#events.refused(message.method);
      this.#wire?.send(response(message.id, answer));
      return;
    }
    if (message.method !== 'notifications/progress') {
      this.#events.notified(message.method);
      return;
    }
    const { progressToken } = message.params;
    const pending = typeof progressToken === 'number' ? this.#pending.get(progressToken) : undefined;
    pending?.progress?.(message.params);
  }

  #closed(why: string): void {
    if (!this.#wire) return;
    this.#wire = undefined;
    for (const { settle } of [...this.#pending.values()])
      settle(failure(INTERNAL_ERROR, 'the server is gone'));
    this.#events.closed(why);
  }
}

/** Lets through no more than a bounded number of progress messages. */
export function boundedProgress(pass: (params: JsonObject) => void): (params: JsonObject) => void {
  let left = MAX_PROGRESS;
  return (params) => {
    left -= 1;
    if (left >= 0) pass(params);
  };
}
