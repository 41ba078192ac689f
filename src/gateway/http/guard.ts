/**
 * Guards `http` and `websocket`: every request of a connection is HTTP/1.1 for the permitted host, every response
 * belongs to a request, and nothing travels between messages. A head leaves only when it was read whole.
 *
 * @module
 */
import { ByteQueue } from '../bytes.ts';
import type { Candidates, Guard, Release } from '../guard/guard.ts';
import { nothing, violates } from '../guard/guard.ts';
import type { Candidate } from '../policy/pins.ts';
import type { Direction } from '../sniff/sniffer.ts';
import { BodyReader } from './body.ts';
import {
  type HeldHead,
  MAX_HEAD,
  plausibleRequest,
  type RequestHead,
  readRequestHead,
  readResponseHead,
  takeHead,
} from './head.ts';
import { chooseByHost } from './host.ts';

const MAX_PIPELINED = 64;

interface Pending {
  method: string;
  upgrade: boolean;
}

/** Reads heads and bodies of one direction out of a stream. */
interface Side extends HeldHead {
  body: BodyReader | undefined;
}

const side = (): Side => ({ held: new ByteQueue(), searched: 0, body: undefined });

export class HttpGuard implements Guard {
  readonly #candidates: Candidates;
  readonly #up = side();
  readonly #down = side();
  readonly #pending: Pending[] = [];
  #chosen: Candidate | undefined;
  #host = '';
  #allowed = false;
  #upgrading = false;
  /** the server has said its last word; what the client still sends goes nowhere */
  #ended = false;

  constructor(candidates: Candidates) {
    this.#candidates = candidates;
  }

  get unfinished(): boolean {
    return this.#up.held.length > 0 && !this.#upgrading;
  }

  feed(direction: Direction, chunk: Uint8Array): Release {
    return direction === 'up' ? this.#client(chunk) : this.#server(chunk);
  }

  #client(chunk: Uint8Array): Release {
    if (this.#upgrading) {
      this.#up.held.push(chunk);
      return this.#up.held.length > MAX_HEAD ? violates('bytes before the upgrade was accepted') : nothing();
    }
    const release = nothing();
    let rest = chunk;
    while (rest.length > 0 && !release.violation && !this.#upgrading) {
      if (this.#up.body) rest = this.#bodyBytes(this.#up, rest, release, 'up');
      else rest = this.#requestHead(rest, release);
    }
    // the guard's own copy waits: an upgrade's answer decides what these bytes are
    if (rest.length > 0 && this.#upgrading) this.#up.held.push(rest);
    return release;
  }

  #bodyBytes(from: Side, bytes: Uint8Array, release: Release, direction: Direction): Uint8Array {
    const result = from.body?.feed(bytes) ?? { ok: true as const, used: 0, done: true };
    if (!result.ok) {
      release.violation = { why: result.why, field: 'protocol', protocol: 'http' };
      return bytes;
    }
    if (result.used > 0) release[direction].push(bytes.subarray(0, result.used));
    if (result.done) from.body = undefined;
    return bytes.subarray(result.used);
  }

  /** Takes bytes into the held head; when it is whole, judges it. Returns what follows it. */
  #requestHead(bytes: Uint8Array, release: Release): Uint8Array {
    const before = this.#up.held.length;
    const taken = takeHead(this.#up, bytes);
    if ((taken.head?.length ?? this.#up.held.length) > MAX_HEAD) {
      release.violation = { why: 'request head too long', field: 'protocol', protocol: 'http' };
      return taken.rest;
    }
    if (!taken.head) {
      if (!plausibleRequest(this.#up.held.bytes, before)) {
        const protocol = this.#chosen ? { protocol: 'http' } : {};
        release.violation = { why: 'not an HTTP/1.1 request', field: 'protocol', ...protocol };
      }
      return taken.rest;
    }
    const result = readRequestHead(taken.head.toString('latin1', 0, taken.head.length - 4));
    const problem = result.ok ? this.#judge(result.head) : { why: result.why, field: 'protocol' as const };
    if (problem || !result.ok) {
      release.violation = problem ?? { why: 'not an HTTP/1.1 request', field: 'protocol' };
      return taken.rest;
    }
    if (this.#chosen) release.chosen = this.#chosen;
    const upgrade = result.head.upgrade !== undefined;
    this.#pending.push({ method: result.head.method, upgrade });
    if (this.#pending.length > MAX_PIPELINED) {
      release.violation = { why: 'too many requests without an answer', field: 'protocol', protocol: 'http' };
      return taken.rest;
    }
    release.up.push(taken.head);
    this.#upgrading = upgrade;
    if (result.head.framing.kind !== 'none') this.#up.body = new BodyReader(result.head.framing, false);
    if (this.#up.body && result.head.framing.kind === 'length' && result.head.framing.length === 0) {
      this.#up.body = undefined;
    }
    return taken.rest;
  }

  #judge(head: RequestHead): Release['violation'] {
    const found = chooseByHost(this.#candidates, head);
    if (typeof found === 'string') {
      const connect = head.method === 'CONNECT';
      const field = connect ? 'protocol' : 'host';
      return { why: found, field, protocol: connect ? 'connect' : 'http' };
    }
    const wanted = head.upgrade === undefined ? 'http' : 'websocket';
    const chosen = found.find(({ match }) => match.rule.protocol === wanted);
    if (!chosen || (head.upgrade !== undefined && head.upgrade !== 'websocket')) {
      const why =
        head.upgrade === undefined
          ? 'a request that is no WebSocket upgrade'
          : `Upgrade to ${head.upgrade.slice(0, 64)}`;
      return { why, field: 'protocol', protocol: head.upgrade === 'websocket' ? 'websocket' : 'http' };
    }
    if (this.#chosen && this.#chosen.name !== chosen.name) {
      return { why: `Host changed to ${head.host.slice(0, 255)}`, field: 'host', protocol: 'http' };
    }
    this.#chosen = chosen;
    this.#host = head.host;
    return undefined;
  }

  #server(chunk: Uint8Array): Release {
    const release = nothing();
    let rest = chunk;
    while (rest.length > 0 && !release.violation && !release.raw) {
      if (this.#down.body) rest = this.#bodyBytes(this.#down, rest, release, 'down');
      else rest = this.#responseHead(rest, release);
    }
    if (release.raw && rest.length > 0) release.down.push(rest);
    return release;
  }

  #responseHead(bytes: Uint8Array, release: Release): Uint8Array {
    const taken = takeHead(this.#down, bytes);
    const begin = (taken.head ?? this.#down.held.bytes).toString('latin1', 0, 7);
    const long = (taken.head?.length ?? this.#down.held.length) > MAX_HEAD;
    if (long || !'HTTP/1.'.startsWith(begin)) {
      release.violation = { why: 'the server did not answer with HTTP/1.1', field: 'protocol' };
      return taken.rest;
    }
    if (!taken.head) return taken.rest;
    const request = this.#pending[0];
    const text = taken.head.toString('latin1', 0, taken.head.length - 4);
    const result = readResponseHead(text, request?.method ?? 'GET');
    if (!result.ok) {
      release.violation = { why: result.why, field: 'protocol', protocol: 'http' };
      return taken.rest;
    }
    const { status, framing, upgrade } = result.head;
    // a server may time an idle connection out unasked (RFC 9110 §15.5.9); it says nothing after that
    const timedOut = !request && status === 408 && !this.#ended;
    if (!request && !timedOut) {
      release.violation = { why: 'a response without a request', field: 'protocol', protocol: 'http' };
      return taken.rest;
    }
    if (status === 101 && !(request?.upgrade && upgrade === 'websocket')) {
      release.violation = {
        why: 'the server switched protocols unasked',
        field: 'protocol',
        protocol: 'http',
      };
      return taken.rest;
    }
    release.down.push(taken.head);
    this.#allow(release, status);
    if (status === 101) {
      release.raw = true;
      if (this.#up.held.length > 0) release.up.push(this.#up.held.take());
      return taken.rest;
    }
    if (status < 200) return taken.rest;
    this.#pending.shift();
    this.#ended = framing.kind === 'close' || timedOut;
    const empty = framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
    if (!empty) this.#down.body = new BodyReader(framing, true);
    if (request?.upgrade) this.#resume(release);
    return taken.rest;
  }

  /** The upgrade was refused: what the client sent meanwhile must be HTTP after all. */
  #resume(release: Release): void {
    this.#upgrading = false;
    const later = this.#up.held.length > 0 ? this.#client(this.#up.held.take()) : nothing();
    release.up.push(...later.up);
    if (later.violation) release.violation = later.violation;
  }

  #allow(release: Release, status: number): void {
    if (this.#allowed || !this.#chosen || (status < 200 && status !== 101)) return;
    this.#allowed = true;
    const protocol = status === 101 ? 'websocket' : 'http';
    release.allowed = { candidate: this.#chosen, verdict: { protocol, host: this.#host } };
  }
}
