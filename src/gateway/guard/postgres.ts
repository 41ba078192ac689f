/**
 * Guards `postgres`: start-up, cancel, or the TLS upgrade (PostgreSQL documentation §54.2 and §54.7). After SSLRequest
 * each side waits for the other; bytes sent too early are what CVE-2021-23222 was made of, and end the flow.
 *
 * @module
 */
import { ByteQueue } from '../bytes.ts';
import type { Direction } from '../sniff/sniffer.ts';
import { type Candidates, type Guard, nothing, type Release, violates } from './guard.ts';
import { TlsGuard } from './tls.ts';

const CANCEL = 80_877_102;
const SSL = 80_877_103;
const GSS = 80_877_104;
const MAX_STARTUP = 10_000;

type State = 'request' | 'ssl-asked' | 'gss-asked' | 'tls' | 'started';

export class PostgresGuard implements Guard {
  readonly #candidates: Candidates;
  readonly #up = new ByteQueue();
  readonly #tls: TlsGuard;
  #state: State = 'request';

  constructor(candidates: Candidates) {
    this.#candidates = candidates;
    this.#tls = new TlsGuard(candidates);
  }

  get unfinished(): boolean {
    return this.#up.length > 0 || this.#tls.unfinished;
  }

  feed(direction: Direction, chunk: Uint8Array): Release {
    if (chunk.length === 0) return nothing();
    if (this.#state === 'tls') return this.#upgraded(direction, chunk);
    return direction === 'up' ? this.#client(chunk) : this.#server(chunk);
  }

  #upgraded(direction: Direction, chunk: Uint8Array): Release {
    const release = this.#tls.feed(direction, chunk);
    if (release.allowed) {
      const { verdict, candidate } = release.allowed;
      release.allowed = { candidate, verdict: { ...verdict, protocol: 'postgres' }, detail: 'over TLS' };
    }
    return release;
  }

  #client(chunk: Uint8Array): Release {
    if (this.#state === 'started') return { up: [chunk], down: [] };
    if (this.#state !== 'request') return violates('bytes after SSLRequest before its answer');
    this.#up.push(chunk);
    const bytes = this.#up.bytes;
    // TLS from the first byte: PostgreSQL 17's sslnegotiation=direct
    if (bytes[0] === 22) {
      this.#state = 'tls';
      return this.#upgraded('up', this.#up.take());
    }
    if (bytes[0] !== 0 || (bytes.length > 1 && bytes[1] !== 0))
      return violates('not a Postgres start-up message');
    if (bytes.length < 8) return nothing();
    const length = bytes.readUInt32BE(0);
    const code = bytes.readUInt32BE(4);
    if (code === SSL || code === GSS) {
      if (length !== 8 || bytes.length > 8) return violates('bytes after SSLRequest before its answer');
      this.#state = code === SSL ? 'ssl-asked' : 'gss-asked';
      return { up: [this.#up.take()], down: [] };
    }
    if (code !== CANCEL && code >>> 16 !== 3) return violates('not a Postgres protocol version');
    if (length < 9 || length > MAX_STARTUP) return violates('Postgres start-up message of impossible length');
    if (bytes.length < length) return nothing();
    this.#state = 'started';
    return { up: [this.#up.take()], down: [] };
  }

  #server(chunk: Uint8Array): Release {
    const first = chunk[0] as number;
    const letter = String.fromCharCode(first);
    if (this.#state === 'request') return violates('the server spoke before the client');
    if (this.#state === 'started') {
      if (!'REvN'.includes(letter)) return violates('the server did not answer as Postgres does');
      const allowed = { candidate: this.#candidates[0], verdict: { protocol: 'postgres' } };
      return { up: [], down: [chunk], allowed, raw: true };
    }
    const asked = this.#state;
    if (letter === 'N' && chunk.length === 1) this.#state = 'request';
    else if (letter === 'S' && chunk.length === 1 && asked === 'ssl-asked') this.#state = 'tls';
    else if (letter === 'E') this.#state = 'started';
    else
      return violates(letter === 'G' ? 'GSS encryption cannot be judged' : 'unexpected answer to SSLRequest');
    return { up: [], down: [chunk] };
  }
}
