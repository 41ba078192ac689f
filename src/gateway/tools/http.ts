/**
 * Streamable HTTP for clients inside (MCP 2025-11-25, "Transports"): POST for messages, GET for what the server says by
 * itself, DELETE for the end. And `POST /stdio`: lines both ways over one request, for clients that start a program.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Asker } from '../served/http.ts';
import type { Backend } from './backend.ts';
import type { Calls } from './calls.ts';
import { type Json, type JsonObject, parseJson, writeJson } from './json.ts';
import { lineReader } from './lines.ts';
import {
  failure,
  INVALID_REQUEST,
  type Message,
  notification,
  PARSE_ERROR,
  PROTOCOL_VERSIONS,
  readMessage,
  response,
} from './rpc.ts';
import { ToolSession } from './session.ts';
import { sseText } from './sse.ts';

/** Bytes of one message of a client. */
const LONGEST = 4 * 1024 * 1024;
/** Milliseconds for a message's body to come. */
const BODY_MS = 30_000;
const MOST_SESSIONS = 64;
/** Milliseconds between comments that keep a stream from looking dead. */
const BEAT_MS = 15_000;
/** Events that are kept for a client that comes back for them, in each session. */
const KEPT = 64;
/** Characters of them. */
const KEPT_TEXT = 256 * 1024;
/** Requests of one stream of lines that are under way. */
const MOST_OPEN = 64;
/** Bytes that wait for a client that does not read. */
const MOST_UNREAD = 32 * 1024 * 1024;
const SSE = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };

interface Session {
  session: ToolSession;
  backend: Backend;
  /** what a client that lost its stream can ask for again, by event id */
  sent: { id: string; text: string }[];
  /** characters of them */
  kept: number;
  stream: ServerResponse | undefined;
  events: number;
}

export class ToolHttp {
  readonly #calls: Calls;
  readonly #sessions = new Map<string, Session>();
  readonly #lines = new Set<(message: JsonObject) => void>();

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  handle(backend: Backend, incoming: IncomingMessage, outgoing: ServerResponse, asker: Asker): void {
    outgoing.on('error', () => {});
    incoming.on('error', () => {});
    const path = (incoming.url ?? '').split('?', 1)[0];
    if (path === '/stdio' && incoming.method === 'POST') this.#serveLines(backend, incoming, outgoing, asker);
    else if (path !== '/mcp') plain(outgoing, 404);
    else if (incoming.method === 'POST')
      this.#post(backend, incoming, outgoing, asker).catch(() => plain(outgoing, 500));
    else if (incoming.method === 'GET') this.#listen(backend, incoming, outgoing);
    else if (incoming.method === 'DELETE') this.#end(backend, incoming, outgoing);
    else plain(outgoing, 405, { allow: 'GET, POST, DELETE' });
  }

  /** A server's tools are others than before. */
  changed(backend: Backend): void {
    const message = notification('notifications/tools/list_changed', {});
    for (const session of this.#sessions.values())
      if (session.backend === backend && session.stream) emit(session, session.stream, message);
    for (const tell of this.#lines) tell(message);
  }

  close(): void {
    for (const { session, stream } of this.#sessions.values()) {
      session.close();
      stream?.end();
    }
    this.#sessions.clear();
  }

  async #post(
    backend: Backend,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    asker: Asker,
  ): Promise<void> {
    if (!/^application\/json\b/i.test(incoming.headers['content-type'] ?? '')) {
      plain(outgoing, 415);
      return;
    }
    const body = await readBody(incoming);
    if (body === undefined) {
      plain(outgoing, 413);
      return;
    }
    const parsed = parseJson(body);
    const message = parsed.ok ? readMessage(parsed.value) : undefined;
    if (!message) {
      const answer = parsed.ok
        ? failure(INVALID_REQUEST, 'one message of JSON-RPC 2.0 is needed')
        : failure(PARSE_ERROR, parsed.why);
      json(outgoing, 400, response(null, answer));
      return;
    }
    const begins = message.kind === 'request' && message.method === 'initialize';
    const found = begins ? this.#begin(backend) : this.#find(backend, incoming, outgoing);
    if (!found) {
      if (!outgoing.headersSent) plain(outgoing, 503);
      return;
    }
    const [id, session] = found;
    if (message.kind !== 'request') {
      session.session.hear(message);
      outgoing.writeHead(202).end();
      return;
    }
    await this.#answer(session, message, {
      incoming,
      outgoing,
      asker,
      headers: begins ? { 'mcp-session-id': id } : {},
    });
  }

  async #answer(
    session: Session,
    message: Extract<Message, { kind: 'request' }>,
    about: {
      incoming: IncomingMessage;
      outgoing: ServerResponse;
      asker: Asker;
      headers: Record<string, string>;
    },
  ): Promise<void> {
    const { incoming, outgoing, asker, headers } = about;
    const gone = new AbortController();
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) gone.abort();
    });
    const streams =
      message.method === 'tools/call' && /text\/event-stream/i.test(incoming.headers.accept ?? '');
    let beat: NodeJS.Timeout | undefined;
    if (streams) {
      outgoing.writeHead(200, { ...SSE, ...headers });
      outgoing.flushHeaders();
      beat = setInterval(() => outgoing.write(': still here\n\n'), BEAT_MS);
    }
    const span = incoming.headers.traceparent;
    const answer = await session.session.answer(message, {
      owner: asker.owner,
      traceparent: typeof span === 'string' ? span : undefined,
      gone: gone.signal,
      notify: streams ? (told) => emit(session, outgoing, told) : undefined,
    });
    clearInterval(beat);
    const said = response(message.id, answer);
    if (!streams) {
      json(outgoing, 200, said, headers);
      return;
    }
    emit(session, outgoing, said);
    outgoing.end();
  }

  #begin(backend: Backend): [string, Session] | undefined {
    if (this.#sessions.size >= MOST_SESSIONS) {
      // the oldest that nobody listens to makes room
      const idle = [...this.#sessions].find(([, { stream }]) => stream === undefined);
      if (!idle) return undefined;
      idle[1].session.close();
      this.#sessions.delete(idle[0]);
    }
    const id = randomUUID();
    const session: Session = {
      session: new ToolSession(backend, this.#calls),
      backend,
      sent: [],
      kept: 0,
      stream: undefined,
      events: 0,
    };
    this.#sessions.set(id, session);
    return [id, session];
  }

  /** The session that a request names; answers where there is none. */
  #find(
    backend: Backend,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): [string, Session] | undefined {
    const { 'mcp-session-id': id, 'mcp-protocol-version': version } = incoming.headers;
    const session = typeof id === 'string' ? this.#sessions.get(id) : undefined;
    if (version !== undefined && !(PROTOCOL_VERSIONS as readonly unknown[]).includes(version))
      plain(outgoing, 400);
    else if (session?.backend === backend) return [id as string, session];
    // 404 tells a client to begin anew
    else plain(outgoing, id === undefined ? 400 : 404);
    return undefined;
  }

  #listen(backend: Backend, incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (!/text\/event-stream/i.test(incoming.headers.accept ?? '')) {
      plain(outgoing, 406);
      return;
    }
    const found = this.#find(backend, incoming, outgoing);
    if (!found) return;
    const [, session] = found;
    outgoing.writeHead(200, SSE);
    outgoing.flushHeaders();
    const last = incoming.headers['last-event-id'];
    const at = session.sent.findIndex(({ id }) => id === last);
    if (at >= 0) for (const { text } of session.sent.slice(at + 1)) outgoing.write(text);
    session.stream?.end();
    session.stream = outgoing;
    const beat = setInterval(() => outgoing.write(': still here\n\n'), BEAT_MS);
    outgoing.on('close', () => {
      clearInterval(beat);
      if (session.stream === outgoing) session.stream = undefined;
    });
  }

  #end(backend: Backend, incoming: IncomingMessage, outgoing: ServerResponse): void {
    const found = this.#find(backend, incoming, outgoing);
    if (!found) return;
    const [id, session] = found;
    this.#sessions.delete(id);
    session.session.close();
    session.stream?.end();
    outgoing.writeHead(200, { 'content-length': 0 }).end();
  }

  #serveLines(backend: Backend, incoming: IncomingMessage, outgoing: ServerResponse, asker: Asker): void {
    const session = new ToolSession(backend, this.#calls);
    const gone = new AbortController();
    outgoing.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    outgoing.flushHeaders();
    const say = (message: JsonObject) => {
      outgoing.write(`${writeJson(message)}\n`);
      if (outgoing.writableLength > MOST_UNREAD) outgoing.destroy();
    };
    this.#lines.add(say);
    outgoing.on('close', () => {
      this.#lines.delete(say);
      gone.abort();
      session.close();
    });
    let open = 0;
    let isEnded = false;
    const finish = () => {
      if (isEnded && open === 0) outgoing.end();
    };
    const request = { owner: asker.owner, traceparent: undefined, gone: gone.signal, notify: say };
    const take = (line: string) => {
      const parsed = parseJson(line);
      const message = parsed.ok ? readMessage(parsed.value) : undefined;
      if (!message)
        say(
          response(
            null,
            failure(parsed.ok ? INVALID_REQUEST : PARSE_ERROR, 'one message of JSON-RPC 2.0 on each line'),
          ),
        );
      else if (message.kind !== 'request') session.hear(message);
      else if (open >= MOST_OPEN)
        say(response(message.id, failure(INVALID_REQUEST, 'too many requests at once')));
      else {
        open += 1;
        session.answer(message, request).then(
          (answer) => {
            open -= 1;
            say(response(message.id, answer));
            finish();
          },
          () => outgoing.destroy(),
        );
      }
    };
    incoming.on(
      'data',
      lineReader(LONGEST, take, () => outgoing.destroy()),
    );
    incoming.on('end', () => {
      isEnded = true;
      finish();
    });
  }
}

/** Sends an event, and keeps it for a client that comes back. */
function emit(session: Session, outgoing: ServerResponse, message: JsonObject): void {
  session.events += 1;
  const id = String(session.events);
  const text = sseText(writeJson(message), id);
  session.sent.push({ id, text });
  session.kept += text.length;
  while (session.sent.length > KEPT || session.kept > KEPT_TEXT)
    session.kept -= session.sent.shift()?.text.length ?? session.kept;
  outgoing.write(text);
}

function json(
  outgoing: ServerResponse,
  status: number,
  body: Json,
  headers: Record<string, string> = {},
): void {
  const text = writeJson(body);
  outgoing
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...headers,
    })
    .end(text);
}

function plain(outgoing: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(status, { 'content-length': 0, connection: 'close', ...headers }).end();
}

/** `undefined` where it is too long, or does not come. */
function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(() => resolve(undefined), BODY_MS);
    const end = (text: string | undefined) => {
      clearTimeout(timer);
      resolve(text);
    };
    incoming.on('data', (piece: Buffer) => {
      length += piece.length;
      if (length > LONGEST) end(undefined);
      else pieces.push(piece);
    });
    incoming.on('end', () => end(Buffer.concat(pieces).toString('utf8')));
    incoming.on('close', () => end(undefined));
  });
}
