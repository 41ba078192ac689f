/**
 * A connection from inside as a stream, for what speaks over streams: its one read buffer is copied from, and it is
 * read no faster than somebody listens.
 *
 * @module
 */
import { Duplex } from 'node:stream';
import type { Owner } from '../../contract/index.ts';
import type { Accepted } from '../flow/accept.ts';
import { reset } from '../flow/relay.ts';
import type { ServiceAbout } from './flow.ts';

export class AcceptedStream extends Duplex {
  readonly #accepted: Accepted;
  #started = false;
  received = 0;
  sent = 0;

  constructor(accepted: Accepted) {
    super({ allowHalfOpen: true });
    this.#accepted = accepted;
    const { socket } = accepted;
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    socket.on('end', () => this.push(null));
  }

  /** What HTTP servers ask sockets for. */
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }

  /** What an HTTP server does with a connection that it is done with, whether or not the client is. */
  destroySoon(): void {
    if (this.writableFinished) this.destroy();
    else {
      this.once('finish', () => this.destroy());
      this.end();
    }
  }

  override _read(): void {
    if (this.#started) {
      this.#accepted.socket.resume();
      return;
    }
    this.#started = true;
    this.#accepted.start((chunk) => {
      this.received += chunk.length;
      if (this.push(Buffer.from(chunk))) return true;
      this.#accepted.socket.pause();
      return false;
    });
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.sent += chunk.length;
    this.#accepted.socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#accepted.socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { socket } = this.#accepted;
    if (error) reset(socket);
    else socket.destroy();
    // a peer that went away is no fault of ours: whoever uses the stream hears `close`
    done(null);
  }
}

/** Who takes connections, for one that takes streams. */
export const asStream =
  (take: (stream: AcceptedStream, owner: Owner, flow: number) => void): ServiceAbout['take'] =>
  (accepted, { owner, flow, ended }) => {
    const stream = new AcceptedStream(accepted);
    stream.on('error', () => {});
    stream.on('close', () => ended('closed'));
    take(stream, owner, flow);
    return {
      get received() {
        return stream.received;
      },
      get sent() {
        return stream.sent;
      },
      end: (reason, abort) => {
        ended(reason);
        stream.destroy(abort ? new Error(reason) : undefined);
      },
    };
  };
