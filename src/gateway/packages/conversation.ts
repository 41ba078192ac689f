/**
 * HTTP/1.1 with one client inside, read strictly: GET and HEAD without a body, one after another. Whatever else comes
 * is answered once and ends the connection. Of a request only method and path are used.
 *
 * @module
 */
import type { FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { ByteQueue } from '../bytes.ts';
import type { Accepted } from '../flow/accept.ts';
import { reset } from '../flow/relay.ts';
import { readRequestHead } from '../http/head.ts';

/** Bytes; clients send one or two thousand. */
const MAX_HEAD = 16 * 1024;
/** Milliseconds for a request's head to arrive, and for a client to take what it was sent. */
const HEAD_MS = 10_000;
const STALL_MS = 60_000;
/** Milliseconds between two requests. */
const IDLE_MS = 60_000;
const READ = 256 * 1024;
const REASONS: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
};

export interface Request {
  method: string;
  /** host of the request, as written */
  host: string;
  /** path as written, query included */
  target: string;
}

export type Reply =
  | { status: 200; type: string; body: Buffer }
  /** the file is closed when it was sent */
  | { status: 200; type: string; file: FileHandle; bytes: number }
  | { status: 404 | 405 };

export interface Handlers {
  /** answers a well-formed request without a body */
  answer(request: Request): Promise<Reply>;
  /** what came is not a request of the kind that is answered */
  refuse(why: string, request?: Request): void;
  end(reason: string): void;
  fail(error: Error): void;
}

export class Conversation {
  readonly #socket: Socket;
  readonly #handlers: Handlers;
  readonly #held = new ByteQueue();
  #busy = false;
  #over = false;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;
  /** part of a head is there: its time does not begin anew with each piece */
  #partial = false;
  received = 0;
  sent = 0;

  constructor({ socket, start }: Accepted, handlers: Handlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.on('error', () => this.end('reset by the agent', true));
    socket.on('close', () => this.end('closed', true));
    socket.on('end', () => {
      this.#ended = true;
      if (!this.#busy) this.end('closed', false);
    });
    this.#wait(IDLE_MS, 'idle');
    start((chunk) => this.#receive(chunk));
  }

  /** Ends it, once; `abort`: with a reset. */
  end(reason: string, abort: boolean): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    if (abort) reset(this.#socket);
    else this.#socket.end(() => this.#socket.destroy());
    this.#handlers.end(reason);
  }

  #wait(ms: number, reason: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(reason, true), ms);
  }

  #receive(chunk: Uint8Array): boolean {
    if (this.#over) return false;
    this.received += chunk.length;
    this.#held.push(chunk);
    if (this.#busy) {
      // pipelined requests wait their turn; not more than one head of them is kept
      if (this.#held.length <= MAX_HEAD) return true;
      this.#socket.pause();
      return false;
    }
    this.#next();
    return true;
  }

  /** Takes a request out of what is held, if there is a whole one. */
  #next(): void {
    if (this.#over || this.#busy) return;
    const end = this.#held.bytes.indexOf('\r\n\r\n', 0, 'latin1');
    if (end < 0) {
      if (this.#held.length > MAX_HEAD) this.#refuse(400, 'the request head is too long');
      else if (this.#ended) this.end('closed', false);
      else if (this.#held.length === 0) this.#wait(IDLE_MS, 'idle');
      else if (!this.#partial) {
        this.#partial = true;
        this.#wait(HEAD_MS, 'the request did not come');
      }
      return;
    }
    this.#partial = false;
    const text = this.#held.take(end + 4).toString('latin1', 0, end);
    const read = end > MAX_HEAD ? { ok: false as const, why: 'too long' } : readRequestHead(text);
    if (!read.ok) {
      this.#refuse(400, read.why);
      return;
    }
    const { method, host, target, framing, minor, upgrade } = read.head;
    const request = { method, host, target };
    if (framing.kind !== 'none' && !(framing.kind === 'length' && framing.length === 0))
      this.#refuse(413, 'a request with a body', request);
    else if (method !== 'GET' && method !== 'HEAD') this.#refuse(405, method, request);
    else if (upgrade !== undefined) this.#refuse(400, 'Upgrade', request);
    else {
      this.#busy = true;
      clearTimeout(this.#timer);
      const keep = minor === 1 && !/^connection:[ \t]*close[ \t]*$/im.test(text);
      this.#serve(request, keep).catch((error: Error) => this.#handlers.fail(error));
    }
  }

  #refuse(status: number, why: string, request?: Request): void {
    this.#handlers.refuse(why, request);
    this.#socket.write(head(status, 'text/plain', 0, false));
    this.end('refused', false);
  }

  async #serve(request: Request, keep: boolean): Promise<void> {
    const reply = await this.#handlers.answer(request);
    try {
      await this.#reply(request, reply, keep);
    } finally {
      if ('file' in reply) await reply.file.close();
    }
  }

  async #reply(request: Request, reply: Reply, keep: boolean): Promise<void> {
    if (this.#over) return;
    const body = reply.status === 200 ? reply : { type: 'text/plain', body: Buffer.from('not found\n') };
    const length = 'file' in body ? body.bytes : body.body.length;
    this.#write(Buffer.from(head(reply.status, body.type, length, keep), 'latin1'));
    if (request.method === 'GET') {
      if ('file' in body) await this.#writeFile(body.file, body.bytes);
      else this.#write(body.body);
    }
    await this.#drained();
    if (this.#over) return;
    if (!keep) {
      this.end('closed', false);
      return;
    }
    this.#busy = false;
    this.#socket.resume();
    this.#next();
  }

  #write(bytes: Uint8Array): void {
    this.sent += bytes.length;
    this.#socket.write(bytes);
  }

  async #writeFile(file: FileHandle, bytes: number): Promise<void> {
    for (let at = 0; at < bytes && !this.#over; ) {
      const buffer = Buffer.allocUnsafe(Math.min(READ, bytes - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error('a copy became shorter while it was served');
      at += bytesRead;
      if (this.#over) return;
      this.#write(buffer.subarray(0, bytesRead));
      await this.#drained();
    }
  }

  /** Resolves when the kernel has taken what was written; a client that does not read ends itself. */
  async #drained(): Promise<void> {
    if (this.#over || this.#socket.writableLength === 0) return;
    this.#wait(STALL_MS, 'the client does not read');
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off('close', done);
        resolve();
      };
      this.#socket.on('close', done);
      this.#socket.write('', done);
    });
    clearTimeout(this.#timer);
  }
}

const head = (status: number, type: string, length: number, keep: boolean): string =>
  [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    `content-type: ${type}`,
    `content-length: ${length}`,
    `connection: ${keep ? 'keep-alive' : 'close'}`,
    '',
    '',
  ].join('\r\n');
