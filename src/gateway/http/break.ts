/**
 * A protocol break: requests are read, judged and written anew, one after the other; so are their answers. The server
 * never sees a byte of the agent's framing, nor the agent one of the server's. Judges plain HTTP and what was inside TLS.
 *
 * @module
 */
import { ByteQueue } from '../bytes.ts';
import type { Guard, Release, Violation } from '../guard/guard.ts';
import { nothing, violates } from '../guard/guard.ts';
import type { Candidate } from '../policy/pins.ts';
import type { Direction } from '../sniff/sniffer.ts';
import { Answer, whyRefused } from './answer.ts';
import { Exchange } from './exchange.ts';
import { connectionOptions } from './fields.ts';
import {
  type Framing,
  type HeldHead,
  MAX_HEAD,
  plausibleRequest,
  type RequestHead,
  type ResponseHead,
  readRequestHead,
  readResponseHead,
  takeHead,
} from './head.ts';
import { type Denied, type Judged, judgeRequest } from './judge.ts';
import type { BreakOptions } from './options.ts';
import { RequestBody } from './request-body.ts';
import { type HostSecrets, lengthBeyondPlaceholders } from './secrets.ts';
import { ServerFrames } from './websocket.ts';
import { CONTINUE, writeRefusal, writeRequestHead, writeUpgrade } from './write.ts';

/** Of a denied request's body this much is read and thrown away; beyond it the connection ends. Unit: bytes. */
const MAX_DRAINED = 1024 * 1024;
/** Bytes of later requests that may come while one is not answered, before the client is no longer read. */
const MAX_HELD = 1024 * 1024;

/** Interim answers (1xx) to one request; a server has use for a few. */
const MAX_INTERIM = 32;

type Client = 'head' | 'body' | 'sent' | 'raw' | 'over';

export class HttpBreak implements Guard {
  readonly #options: BreakOptions;
  readonly #up: HeldHead = { held: new ByteQueue(), searched: 0 };
  readonly #down: HeldHead = { held: new ByteQueue(), searched: 0 };
  #client: Client = 'head';
  #request: RequestBody | undefined;
  #response: Answer | undefined;
  #exchange: Exchange | undefined;
  #candidate: Candidate | undefined;
  #secrets: HostSecrets | undefined;
  /** after an upgrade, where a secret could come back in a frame */
  #frames: ServerFrames | undefined;
  #interim = 0;
  /** the final answer to the request has been passed on, or made here */
  #answered = false;
  /** the connection ends once the current answer is through */
  #closing = false;
  /** the request is denied, which is told when its body is over */
  #refusing = false;
  #allowed = false;

  constructor(options: BreakOptions) {
    this.#options = options;
  }

  get unfinished(): boolean {
    return this.#client === 'head' && this.#up.held.length > 0;
  }

  get busy(): boolean {
    return this.#client === 'sent' && this.#up.held.length > 0;
  }

  feed(direction: Direction, chunk: Uint8Array): Release {
    const release = nothing();
    if (direction === 'up') this.#fromClient(chunk, release);
    else this.#fromServer(chunk, release);
    return release;
  }

  end(direction: Direction): Release {
    const release = nothing();
    if (this.#client === 'over') release.finish = true;
    else if (this.#client === 'raw') {
      release.half = true;
    } else if (direction === 'up') this.#clientEnded(release);
    else this.#serverEnded(release);
    return release;
  }

  closed(reason: string): void {
    this.#finishRecord(true, `not finished: ${reason}`);
  }

  #clientEnded(release: Release): void {
    if (this.#client === 'body' && !this.#request?.drained) {
      this.#finishRecord(true, 'the client ended in the middle of its request');
      release.abort = 'request cut short';
    } else if (this.#client === 'sent' && !this.#answered) this.#closing = true;
    else {
      this.#client = 'over';
      release.finish = true;
    }
  }

  #serverEnded(release: Release): void {
    if (this.#refusing) {
      this.#refuse(release);
      return;
    }
    if (this.#response?.untilEnd) {
      // a body that lasts until the connection ends
      this.#response.end(release.down);
      this.#response = undefined;
      this.#finishRecord(true);
      this.#over(release);
      return;
    }
    const cut = this.#response !== undefined;
    this.#finishRecord(
      true,
      cut ? 'the server ended in the middle of its answer' : 'the server ended without an answer',
    );
    if (cut) release.abort = 'answer cut short';
    else this.#over(release);
  }

  #over(release: Release): void {
    this.#client = 'over';
    release.finish = true;
  }

  #fromClient(chunk: Uint8Array, release: Release): void {
    let rest = chunk;
    while (rest.length > 0 && !release.violation && !release.finish && !release.abort) {
      if (this.#client === 'over') return;
      if (this.#client === 'raw') {
        release.up.push(rest);
        return;
      }
      if (this.#client === 'sent') {
        this.#up.held.push(rest);
        if (this.#up.held.length > MAX_HELD)
          release.violation = { why: 'too many requests without an answer', field: 'protocol' };
        return;
      }
      rest = this.#client === 'head' ? this.#requestHead(rest, release) : this.#requestBody(rest, release);
    }
  }

  /** Takes bytes into the held head; when it is whole, judges it. Returns what follows it. */
  #requestHead(bytes: Uint8Array, release: Release): Uint8Array {
    const before = this.#up.held.length;
    const taken = takeHead(this.#up, bytes);
    const stop = (why: string, protocol: Violation['protocol'] = 'http') => {
      release.violation = { why, field: 'protocol', ...(protocol === undefined ? {} : { protocol }) };
      return taken.rest;
    };
    if ((taken.head?.length ?? this.#up.held.length) > MAX_HEAD) return stop('request head too long');
    if (!taken.head) {
      if (plausibleRequest(this.#up.held.bytes, before)) return taken.rest;
      return violation(release, 'not an HTTP/1.1 request', this.#candidate ? 'http' : undefined, taken.rest);
    }
    const result = readRequestHead(taken.head.toString('latin1', 0, taken.head.length - 4));
    if (!result.ok) return stop(result.why);
    const { candidates, scheme, judgeOf } = this.#options;
    const judgement = judgeRequest(candidates, result.head, scheme, judgeOf);
    if (!judgement.ok) {
      release.violation = judgement.violation;
      return taken.rest;
    }
    if (this.#candidate && this.#candidate.name !== judgement.candidate.name) {
      release.violation = {
        why: `Host changed to ${result.head.host.slice(0, 255)}`,
        field: 'host',
        protocol: 'http',
      };
      return taken.rest;
    }
    this.#candidate = judgement.candidate;
    release.chosen = judgement.candidate;
    this.#exchange = this.#begin(result.head, judgement);
    this.#answered = false;
    if (this.#down.held.length > 0) return stop('a response before its request');
    if (judgement.denied) this.#deny(judgement.denied, result.head, release);
    else this.#forward(result.head, judgement, release);
    return taken.rest;
  }

  #begin(head: RequestHead, { candidate, path, query }: Judged): Exchange {
    const { method, minor } = head;
    const { clause } = candidate.match;
    const what = { method, minor, host: candidate.name, path, query, clause };
    const asks = { websocket: head.upgrade === 'websocket', word: head.fields.has('expect') };
    return new Exchange(what, asks, this.#options.now);
  }

  #deny({ field, why, allow }: Denied, head: RequestHead, release: Release): void {
    const exchange = this.#exchange as Exchange;
    const candidate = this.#candidate as Candidate;
    const clause = `${candidate.match.clause}.${field}`;
    const { request, denied } = this.#options.sink;
    const record = exchange.record(false, why);
    request({ ...record, status: 403, clause });
    denied(`${record.method} ${this.#options.scheme}://${record.host}${record.path}: ${why}`, clause, allow);
    this.#exchange = undefined;
    this.#answered = true;
    const { framing } = head;
    // how long it is shows at its end alone: denied for its length or for anything else, it ends there and alike
    if (framing.kind === 'chunked' && !head.fields.has('expect')) {
      this.#refusing = true;
      this.#readBody(framing, Math.max(MAX_DRAINED, candidate.match.rule.body ?? 0), undefined);
      return;
    }
    const drained = framing.kind === 'length' ? framing.length <= MAX_DRAINED : true;
    // who waits for `100 Continue` may or may not send a body after a 403
    const close = head.minor === 0 || !drained || head.fields.has('expect') || wantsClose(head);
    release.down.push(writeRefusal(403, close));
    if (close) this.#over(release);
    else this.#readBody(framing, MAX_DRAINED, undefined);
  }

  #forward(head: RequestHead, judged: Judged, release: Release): void {
    const { judgeOf, secretsOf, scheme, sink } = this.#options;
    const judge = judgeOf(judged.candidate);
    this.#secrets = secretsOf(judged.candidate);
    const inserted = this.#secrets?.secrets ?? [];
    for (const { name } of inserted)
      sink.secretUsed(name, judged.candidate.name, judged.candidate.match.clause);
    release.up.push(writeRequestHead({ head, judged, judge, scheme, secrets: this.#secrets }));
    if (inserted.length > 0)
      release.uncounted = (release.uncounted ?? 0) + lengthBeyondPlaceholders(inserted);
    this.#closing ||= head.minor === 0 || wantsClose(head);
    this.#interim = 0;
    this.#readBody(head.framing, judge.rule.body ?? Number.POSITIVE_INFINITY, this.#exchange);
    if (this.#client !== 'body') this.#requestSent();
  }

  #readBody(framing: Framing, limit: number, exchange: Exchange | undefined): void {
    const empty = framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
    this.#client = empty ? 'head' : 'body';
    this.#request = empty ? undefined : new RequestBody(framing, limit, exchange);
  }

  #requestBody(bytes: Uint8Array, release: Release): Uint8Array {
    const body = this.#request as RequestBody;
    const taken = body.feed(bytes, release.up);
    switch (taken.state) {
      case 'malformed':
        return violation(release, taken.why, 'http', bytes);
      case 'too long':
        release.up = [];
        if (!body.drained) this.#bodyTooLong(body, release);
        else if (this.#refusing) this.#refuse(release);
        else this.#over(release);
        return bytes.subarray(bytes.length);
      case 'more':
        return bytes.subarray(bytes.length);
      case 'done':
        if (this.#refusing) {
          this.#refuse(release);
          return bytes;
        }
        this.#request = undefined;
        this.#client = 'head';
        if (!body.drained) this.#requestSent();
        return bytes.subarray(taken.used);
    }
  }

  /** Part of the request has gone already: the server gets no end of it, so it was never made. */
  #bodyTooLong(body: RequestBody, release: Release): void {
    const { clause, rule } = (this.#candidate as Candidate).match;
    const record = this.#exchange?.record(false, `a body longer than ${rule.body} bytes`);
    if (record) {
      this.#options.sink.request({ ...record, clause: `${clause}.body` });
      this.#options.sink.denied(
        `${record.method} ${this.#options.scheme}://${record.host}${record.path}: ${record.detail}`,
        `${clause}.body`,
        undefined,
      );
    }
    this.#exchange = undefined;
    this.#refusing = !this.#answered;
    if (this.#answered) this.#over(release);
    else if (body.drain(Math.max(0, MAX_DRAINED - (rule.body ?? 0)))) this.#refuse(release);
  }

  #refuse(release: Release): void {
    release.down.push(writeRefusal(403, true));
    this.#over(release);
  }

  /** The request is through: the next one waits for its answer. */
  #requestSent(): void {
    this.#client = this.#answered && !this.#response ? 'head' : 'sent';
  }

  #fromServer(chunk: Uint8Array, release: Release): void {
    // what it makes of half a request is nobody's
    if (this.#refusing) return;
    let rest = chunk;
    while (rest.length > 0 && !release.violation && !release.finish && !release.abort) {
      if (this.#client === 'over') return;
      if (this.#client === 'raw') {
        this.#serverFrames(rest, release);
        return;
      }
      rest = this.#response ? this.#responseBody(rest, release) : this.#responseHead(rest, release);
    }
    // only now: what the server sent beyond its answer must not pass for the answer to the next request
    if (this.#client !== 'head' || this.#up.held.length === 0 || release.violation || release.finish) return;
    const held = this.#up.held.take();
    this.#up.searched = 0;
    this.#fromClient(held, release);
  }

  #responseHead(bytes: Uint8Array, release: Release): Uint8Array {
    const taken = takeHead(this.#down, bytes);
    const begin = (taken.head ?? this.#down.held.bytes).toString('latin1', 0, 7);
    if (!'HTTP/1.'.startsWith(begin)) {
      return violation(release, 'the server did not answer with HTTP/1.1', undefined, taken.rest);
    }
    if ((taken.head?.length ?? this.#down.held.length) > MAX_HEAD) {
      return this.#refuseAnswer('its head is too long', release);
    }
    if (!taken.head) return taken.rest;
    const exchange = this.#answered ? undefined : this.#exchange;
    const text = taken.head.toString('latin1', 0, taken.head.length - 4);
    const result = readResponseHead(text, exchange?.method ?? 'GET');
    if (!exchange) {
      // a server may time an idle connection out unasked (RFC 9110 §15.5.9)
      if (result.ok && result.head.status === 408 && this.#client === 'head') this.#over(release);
      else violation(release, 'a response without a request', 'http', taken.rest);
      return taken.rest;
    }
    if (!result.ok) return this.#refuseAnswer(result.why, release);
    this.#answer(result.head, exchange, release);
    return taken.rest;
  }

  #answer(head: ResponseHead, exchange: Exchange, release: Release): void {
    const { status, framing } = head;
    if (status === 101) {
      if (exchange.websocket && head.upgrade === 'websocket') this.#upgraded(head, exchange, release);
      else
        release.violation = {
          why: 'the server switched protocols unasked',
          field: 'protocol',
          protocol: 'http',
        };
      return;
    }
    if (status < 200) {
      this.#interimAnswer(status, exchange, release);
      return;
    }
    const refused = whyRefused(head, this.#secrets !== undefined);
    if (refused !== undefined) {
      this.#refuseAnswer(refused, release);
      return;
    }
    exchange.status = status;
    this.#allow(release, 'http');
    // an answer without an end of its own, or to HTTP/1.0, is the last
    this.#closing ||= head.close || head.minor === 0 || framing.kind === 'close';
    this.#answered = true;
    const about = { exchange, secrets: this.#secrets, close: this.#closing };
    this.#response = new Answer(head, about, release.down);
    if (this.#response.whole) this.#answeredWhole(release);
  }

  /** Only `100 Continue` crosses, once, and only to who waits for it. */
  #interimAnswer(status: number, exchange: Exchange, release: Release): void {
    this.#interim += 1;
    if (this.#interim > MAX_INTERIM) this.#refuseAnswer('interim answers without end', release);
    else if (status === 100 && exchange.takeContinue()) release.down.push(CONTINUE);
  }

  #responseBody(bytes: Uint8Array, release: Release): Uint8Array {
    const result = (this.#response as Answer).feed(bytes, release.down);
    if (!result.ok) {
      this.#finishRecord(true, `the answer was cut: ${result.why}`);
      this.#deniedAnswer(result.why);
      release.abort = 'malformed answer';
      return bytes;
    }
    if (result.done) this.#answeredWhole(release);
    return bytes.subarray(result.used);
  }

  /** The answer is through. The next request may come, unless this was the last. */
  #answeredWhole(release: Release): void {
    this.#response = undefined;
    this.#finishRecord(true);
    if (this.#closing) {
      this.#over(release);
      return;
    }
    if (this.#client === 'sent') this.#client = 'head';
  }

  #upgraded(head: ResponseHead, exchange: Exchange, release: Release): void {
    if (this.#secrets && head.fields.has('sec-websocket-extensions')) {
      this.#refuseAnswer('it has a WebSocket extension that nobody asked for', release);
      return;
    }
    exchange.status = 101;
    this.#answered = true;
    release.down.push(writeUpgrade(head, this.#secrets));
    this.#allow(release, 'websocket');
    this.#finishRecord(true);
    this.#client = 'raw';
    if (this.#secrets) this.#frames = new ServerFrames(this.#secrets);
    else release.raw = true;
    if (this.#up.held.length > 0) release.up.push(this.#up.held.take());
  }

  #serverFrames(bytes: Uint8Array, release: Release): void {
    if (!this.#frames) {
      release.down.push(bytes);
      return;
    }
    const result = this.#frames.feed(bytes, release.down);
    if (result.ok) return;
    this.#deniedAnswer(result.why);
    release.abort = 'malformed WebSocket frames';
  }

  /** The server's answer cannot be passed on: its fault, not the agent's. */
  #refuseAnswer(why: string, release: Release): Uint8Array {
    if (this.#exchange) this.#exchange.status = 502;
    this.#finishRecord(true, `the answer was refused: ${why}`);
    this.#deniedAnswer(why);
    release.down.push(writeRefusal(502, true));
    this.#over(release);
    return new Uint8Array(0);
  }

  #deniedAnswer(why: string): void {
    const candidate = this.#candidate as Candidate;
    this.#options.sink.denied(`answer of ${candidate.name}: ${why}`, candidate.match.clause, undefined);
  }

  #finishRecord(allowed: boolean, detail?: string): void {
    if (this.#exchange) this.#options.sink.request(this.#exchange.record(allowed, detail));
    this.#exchange = undefined;
  }

  #allow(release: Release, protocol: 'http' | 'websocket'): void {
    if (this.#allowed || !this.#candidate) return;
    this.#allowed = true;
    release.allowed = { candidate: this.#candidate, verdict: { protocol, host: this.#candidate.name } };
  }
}

const wantsClose = ({ fields }: RequestHead): boolean => connectionOptions(fields).includes('close');

function violation(
  release: Release,
  why: string,
  protocol: string | undefined,
  rest: Uint8Array,
): Uint8Array {
  const found = violates(why, 'protocol', protocol).violation;
  if (found) release.violation = found;
  return rest;
}
