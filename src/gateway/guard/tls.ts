/**
 * Guards `https` and `tls`: a ClientHello whose server_name is the name that was resolved, answered by a TLS server.
 * Nothing of the agent's leaves before the hello is judged whole.
 *
 * @module
 */
import { ByteQueue } from '../bytes.ts';
import { canonical } from '../policy/addresses.ts';
import type { Candidate } from '../policy/pins.ts';
import { readClientHello } from '../sniff/client-hello.ts';
import { serverTls } from '../sniff/server.ts';
import type { Direction } from '../sniff/sniffer.ts';
import { type Allowed, type Candidates, type Guard, nothing, type Release, violates } from './guard.ts';

export class TlsGuard implements Guard {
  readonly #candidates: Candidates;
  readonly #up = new ByteQueue();
  readonly #down = new ByteQueue();
  readonly #terminates: (candidate: Candidate) => boolean;
  #allowed: Allowed | undefined;

  /** `terminates`: whether the gateway answers for this name itself, because its rule looks inside. */
  constructor(candidates: Candidates, terminates: (candidate: Candidate) => boolean = () => false) {
    this.#candidates = candidates;
    this.#terminates = terminates;
  }

  get unfinished(): boolean {
    return this.#up.length > 0;
  }

  feed(direction: Direction, chunk: Uint8Array): Release {
    return direction === 'up' ? this.#client(chunk) : this.#server(chunk);
  }

  #client(chunk: Uint8Array): Release {
    if (this.#allowed) return { up: [chunk], down: [] };
    this.#up.push(chunk);
    const result = readClientHello(this.#up.bytes);
    if (result.state === 'more') return nothing();
    if (result.state === 'bad') return violates(result.why);
    const { sni, alpn, ech } = result.hello;
    const candidate = chooseByName(this.#candidates, sni);
    if (typeof candidate === 'string') return violates(candidate, 'host', 'tls');
    if (this.#terminates(candidate)) {
      return { ...nothing(), chosen: candidate, terminate: { candidate, hello: this.#up.take(), alpn } };
    }
    this.#allowed = {
      candidate,
      verdict: { protocol: 'tls', ...(sni === undefined ? {} : { sni }), alpn, ech },
      ...(ech ? { detail: 'encrypted_client_hello offered: an inner name would not be seen' } : {}),
    };
    return { up: [this.#up.take()], down: [], chosen: candidate };
  }

  #server(chunk: Uint8Array): Release {
    if (!this.#allowed) return violates('the server spoke before a ClientHello');
    this.#down.push(chunk);
    const recognition = serverTls(this.#down.bytes);
    if (recognition === 'no') return violates('the server did not answer with TLS');
    if (recognition === 'maybe') return nothing();
    return { up: [], down: [this.#down.take()], allowed: this.#allowed, raw: true };
  }
}

/** The candidate that a server_name selects, or why there is none. */
export function chooseByName(candidates: Candidates, sni: string | undefined): Candidates[number] | string {
  if (sni === undefined) {
    const unnamed = candidates.find(({ literal, match }) => literal || match.rule.protocol === 'tls');
    return unnamed ?? 'the ClientHello has no server_name';
  }
  const address = canonical(sni);
  const name = sni.toLowerCase();
  const found = candidates.find((c) => (c.literal ? c.name === address : c.name === name));
  return found ?? `server_name is ${sni.slice(0, 255)}`;
}
