/**
 * Guards `ssh`: both sides show an SSH 2 identification string (RFC 4253 §4.2). The server may greet with other lines
 * first; the client may not, and its bytes after the string wait for the server's.
 *
 * @module
 */
import { ByteQueue } from '../bytes.ts';
import { startsWith } from '../sniff/client.ts';
import type { Direction } from '../sniff/sniffer.ts';
import { type Candidates, type Guard, nothing, type Release, violates } from './guard.ts';

const IDENTIFICATION = /^SSH-(2\.0|1\.99)-[\x21-\x7e][\x20-\x7e]*\r?$/;
const MAX_LINE = 255;
const MAX_GREETING = 4096;

export class SshGuard implements Guard {
  readonly #candidates: Candidates;
  readonly #up = new ByteQueue();
  readonly #down = new ByteQueue();
  #client: string | undefined;
  #server: string | undefined;

  constructor(candidates: Candidates) {
    this.#candidates = candidates;
  }

  get unfinished(): boolean {
    return this.#client === undefined && this.#up.length > 0;
  }

  feed(direction: Direction, chunk: Uint8Array): Release {
    return direction === 'up' ? this.#fromClient(chunk) : this.#fromServer(chunk);
  }

  #fromClient(chunk: Uint8Array): Release {
    this.#up.push(chunk);
    if (this.#client !== undefined) {
      return this.#up.length > 64 * 1024 ? violates('the client does not wait for the server') : nothing();
    }
    if (startsWith(this.#up.bytes, 'SSH-') === 'no')
      return violates('the client did not send an SSH identification');
    const end = this.#up.bytes.indexOf(0x0a);
    if (end > MAX_LINE || (end < 0 && this.#up.length > MAX_LINE))
      return violates('SSH identification too long');
    if (end < 0) return nothing();
    const line = this.#up.bytes.toString('latin1', 0, end);
    if (!IDENTIFICATION.test(line)) return violates('malformed SSH identification');
    this.#client = line.trimEnd();
    const released = this.#up.take(end + 1);
    return this.#finish([released], []);
  }

  #fromServer(chunk: Uint8Array): Release {
    if (this.#server !== undefined) return { up: [], down: [chunk] };
    this.#down.push(chunk);
    let start = 0;
    for (;;) {
      const end = this.#down.bytes.indexOf(0x0a, start);
      if (end >= MAX_GREETING || (end < 0 && this.#down.length >= MAX_GREETING)) {
        return violates('the server did not send an SSH identification');
      }
      if (end < 0) return nothing();
      const line = this.#down.bytes.toString('latin1', start, end);
      if (line.startsWith('SSH-')) {
        if (line.length > MAX_LINE || !IDENTIFICATION.test(line))
          return violates('malformed SSH identification');
        this.#server = line.trimEnd();
        return this.#finish([], [this.#down.take()]);
      }
      // other protocols' greetings are never held as "lines before the identification"
      if (/^(220|\+OK|\* OK|HTTP\/|RFB )/.test(line))
        return violates('the server greets for another protocol');
      start = end + 1;
    }
  }

  #finish(up: Uint8Array[], down: Uint8Array[]): Release {
    if (this.#client === undefined || this.#server === undefined) return { up, down };
    if (this.#up.length > 0) up.push(this.#up.take());
    return {
      up,
      down,
      raw: true,
      allowed: {
        candidate: this.#candidates[0],
        verdict: { protocol: 'ssh' },
        detail: `client ${this.#client}, server ${this.#server}`,
      },
    };
  }
}
