/**
 * One TCP flow, from its registration to its last byte: dial, accept, judge, relay, account.
 *
 * @module
 */
import type { Socket } from 'node:net';
import type { FlowRegistration } from '../../contract/index.ts';
import { ByteQueue } from '../bytes.ts';
import {
  type Candidates,
  type Guard,
  nothing,
  type Release,
  type Violation,
  violates,
} from '../guard/guard.ts';
import { makeGuard } from '../guard/make.ts';
import { canonical } from '../policy/addresses.ts';
import type { Candidate } from '../policy/pins.ts';
import { FlowShape } from '../shape/flow-shape.ts';
import { type Direction, recognise } from '../sniff/sniffer.ts';
import type { Accepted } from './accept.ts';
import type { Exhausted } from './budgets.ts';
import { denial, type FlowContext, hazardOf, ownerOf } from './context.ts';
import { type Dial, type DialResult, dial, errnoOf } from './dial.ts';
import { inspectRequests, reportUnterminated } from './inspected.ts';
import { forward, forwardOwned, reset } from './relay.ts';
import { reportShape } from './shaped.ts';

type Connected = Extract<DialResult, { ok: true }>;

/** Bytes of each direction kept to name the protocol of a violation. */
const NAMED_FROM = 4096;
const EMPTY = Buffer.alloc(0);

/** While TLS is being set up nobody reads these sockets but TLS itself. */
const BETWEEN: Guard = {
  unfinished: false,
  feed: () => violates('bytes beside TLS'),
  end: () => ({ ...nothing(), abort: 'ended before TLS began' }),
};

export class TcpFlow {
  readonly id: number;
  readonly #context: FlowContext;
  readonly #registration: FlowRegistration;
  readonly #done: (flow: TcpFlow) => void;
  readonly #seen = { up: new ByteQueue(), down: new ByteQueue() };
  readonly #bytes = { up: 0, down: 0 };
  readonly #started = performance.now();
  #shape = new FlowShape();
  #candidates: Candidates | undefined;
  #rule = 0;
  #declared = '';
  #guard: Guard | undefined;
  #dial: Dial | undefined;
  #accepted: Accepted | undefined;
  #server: Connected | undefined;
  /** what is written to: the connections, or the TLS that the gateway speaks over them */
  #ends: { agent: Socket; server: Socket } | undefined;
  #move = forward;
  #opened = false;
  #judged = false;
  #closed = false;
  #active: number;
  #acceptedBy: number | undefined;
  #unfinishedSince: number | undefined;
  #waiting = false;

  constructor(context: FlowContext, registration: FlowRegistration, done: (flow: TcpFlow) => void) {
    this.#context = context;
    this.#registration = registration;
    this.#done = done;
    this.id = registration.flow;
    this.#active = context.clock.now;
  }

  /** Number of the rule that it counts under. */
  get rule(): number {
    return this.#rule;
  }

  /** Checks the flow and dials. */
  start(): void {
    const { port, wait } = this.#registration;
    const address = canonical(this.#registration.address);
    const candidates = address === undefined ? [] : this.#context.pins.candidates(address, port, 'tcp');
    const [first, ...others] = candidates;
    if (address === undefined || !first) {
      this.refuse('nobody resolved this address');
      return;
    }
    this.#candidates = [first, ...others];
    if (!this.#takeConnection(this.#candidates)) return;
    this.#open(address);
    // a blocking caller sees the errno and tries the next address itself; others would believe the first one reached
    const names = candidates.map(({ name }) => name);
    const more = wait ? [] : this.#context.pins.shared(names).filter((other) => other !== address);
    this.#dial = dial([address, ...more], port, this.#context.timeouts.dial);
    this.#dial.result.then((result) => this.#dialled(result)).catch(this.#context.fail);
  }

  #takeConnection(candidates: Candidates): boolean {
    for (const candidate of candidates) {
      const { match } = candidate;
      const exhausted = this.#context.budgets.connect(match.index);
      if (!exhausted) {
        this.#rule = match.index;
        // what cannot be told apart is of the rule that it counts for
        this.#candidates = [candidate, ...candidates.filter((other) => other !== candidate)];
        return true;
      }
      this.#reportExhausted(match, exhausted);
    }
    this.refuse('its budget is used up');
    return false;
  }

  #reportExhausted({ index, clause }: Candidate['match'], { limit, used, max, over }: Exhausted): void {
    if (over) return;
    this.#context.reporter.coalesced(`limit ${index}`, {
      kind: 'limit.reached',
      limit: `${clause}.${limit}`,
      used,
      max,
      action: 'flow refused',
    });
  }

  /**
   * Counts the flow for the rule that it turns out to be of. That rule must be in force still and have a connection left:
   * the flow was opened under another one of the same address, perhaps before this one ended.
   */
  #claim({ match, name }: Candidate): boolean {
    if (this.#closed) return false;
    const bytes = this.#bytes.up + this.#bytes.down;
    const exhausted = this.#context.budgets.claim(this.#rule, match.index, bytes);
    if (exhausted) {
      this.#reportExhausted(match, exhausted);
      const why = `as ${name}, ${exhausted.over ? 'its approval is over' : 'its budget is used up'}`;
      this.#context.reporter.coalesced(`refused ${this.#registration.pid}`, denial(this.#registration, why));
      this.close('refused', true);
      return false;
    }
    this.#rule = match.index;
    this.#declared = match.rule.protocol;
    return true;
  }

  #open(address: string): void {
    const { type, port, flow } = this.#registration;
    const names = new Set(this.#candidates?.map(({ name }) => name));
    const protocols = new Set(this.#candidates?.map(({ match }) => match.rule.protocol));
    this.#declared = [...protocols].join(' or ');
    const [host] = names;
    this.#opened = true;
    this.#context.reporter.event({
      kind: 'flow.open',
      flow: String(flow),
      owner: ownerOf(this.#registration),
      ...(host !== undefined && names.size === 1 ? { host } : {}),
      address,
      port,
      transport: type,
      declared: this.#declared,
      clause: `network[${this.#rule}]`,
    });
  }

  /** Ends the flow before anything was dialled; its connection, when it comes, is reset. */
  refuse(why: string): void {
    this.#context.reporter.coalesced(`refused ${this.#registration.pid}`, denial(this.#registration, why));
    if (this.#registration.wait) this.#context.result(this.id, errnoOf('ECONNREFUSED'));
    this.close('refused', true);
  }

  #dialled(result: DialResult): void {
    if (this.#closed) {
      if (result.ok) reset(result.socket);
      return;
    }
    if (!result.ok) {
      this.#context.budgets.release(this.#rule);
      if (this.#registration.wait) this.#context.result(this.id, result.errno);
      this.close(`could not connect: ${result.code}`, true);
      return;
    }
    this.#server = result;
    result.socket.on('error', () => this.close('reset by the server', true));
    this.#acceptedBy = this.#context.clock.now + this.#context.timeouts.registration;
    if (this.#registration.wait) this.#context.result(this.id, 0);
    this.#join();
  }

  /** The agent's end has arrived (paused). */
  accept(accepted: Accepted): void {
    if (this.#closed) {
      reset(accepted.socket);
      return;
    }
    this.#accepted = accepted;
    accepted.socket.on('error', () => this.close('reset by the agent', true));
    this.#join();
  }

  /** The connect failed or its asker died before the agent's end arrived. */
  withdraw(): void {
    if (!this.#accepted) this.close('withdrawn', true);
  }

  #join(): void {
    const accepted = this.#accepted;
    const agent = accepted?.socket;
    const server = this.#server;
    if (!accepted || !agent || !server || !this.#candidates) return;
    this.#active = this.#context.clock.now;
    const { inspector } = this.#context;
    this.#guard = makeGuard(this.#candidates, {
      terminates: ({ match }) => inspector.rule(match.rule),
      plain: (candidates) => inspectRequests(this.#context, this.#registration, candidates, 'http'),
    });
    this.#ends = { agent, server: server.socket };
    // once TLS ends here, what ends is another pair of sockets
    agent.on('end', () => this.#ends?.agent === agent && this.#ended('up'));
    server.socket.on('end', () => this.#ends?.server === server.socket && this.#ended('down'));
    agent.on('close', () => this.#closedSide());
    server.socket.on('close', () => this.#closedSide());
    server.start((chunk) => this.#receive('down', chunk));
    accepted.start((chunk) => this.#receive('up', chunk));
  }

  /** A side has sent its last byte. */
  #ended(direction: Direction): void {
    if (this.#closed || !this.#ends) return;
    const release = this.#guard?.end?.(direction);
    if (release) this.#release(direction, release);
    if (this.#closed || (release && !release.half)) return;
    if (direction === 'up') this.#ends.server.end();
    else this.#ends.agent.end();
  }

  /** The gateway answers the agent's ClientHello itself: see `tls/`. */
  async #terminate(wanted: NonNullable<Release['terminate']>): Promise<void> {
    const ends = this.#ends;
    if (!ends) return;
    const { timeouts, inspector } = this.#context;
    ends.agent.pause();
    ends.server.pause();
    const terminator = await inspector.terminator();
    if (this.#closed) return;
    const outcome = await terminator.open(ends, wanted, timeouts.dial);
    if (this.#closed) return;
    if (!outcome.ok) {
      reportUnterminated(this.#context, this.#registration, wanted.candidate, outcome);
      reset(ends.server);
      ends.agent.destroySoon();
      this.close(outcome.why, false);
      return;
    }
    const { agent, server } = outcome;
    this.#ends = { agent, server };
    this.#move = forwardOwned;
    this.#shape = new FlowShape(); // of what is inside
    this.#seen.up.take();
    this.#seen.down.take();
    this.#guard = inspectRequests(this.#context, this.#registration, [wanted.candidate], 'https');
    agent.on('end', () => this.#ended('up'));
    server.on('end', () => this.#ended('down'));
    agent.on('error', () => this.close('reset by the agent', true));
    server.on('error', () => this.close('reset by the server', true));
    server.on('data', (chunk: Buffer) => this.#receive('down', chunk));
    agent.on('data', (chunk: Buffer) => this.#receive('up', chunk));
  }

  #closedSide(): void {
    if (this.#accepted?.socket.destroyed && this.#server?.socket.destroyed) this.close('closed', false);
  }

  /** Bytes came in; `false` when the source was paused (its memory is still in use). */
  #receive(direction: Direction, chunk: Uint8Array): boolean {
    if (this.#closed) return false;
    this.#active = this.#context.clock.now;
    this.#look(direction, chunk);
    const guard = this.#guard;
    if (!guard) return this.#forward(direction, [chunk]);
    if (!this.#judged) {
      const seen = this.#seen[direction];
      if (seen.length < NAMED_FROM) seen.push(chunk.subarray(0, NAMED_FROM - seen.length));
    }
    let release: Release;
    try {
      release = guard.feed(direction, chunk);
    } catch (error) {
      this.#context.fail(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
    if (release.terminate) {
      if (!this.#claim(release.terminate.candidate)) return false;
      this.#guard = BETWEEN;
      this.#terminate(release.terminate).catch(this.#context.fail);
      return false;
    }
    this.#unfinishedSince = guard.unfinished ? (this.#unfinishedSince ?? this.#context.clock.now) : undefined;
    const flowing = this.#release(direction, release);
    if (guard.busy !== undefined) this.#await(guard.busy);
    return flowing;
  }

  /** What the flow looks like is told while it goes on; nothing waits for it. */
  #look(direction: Direction, chunk: Uint8Array): void {
    const shape = this.#shape.feed(direction, chunk, performance.now());
    if (!shape) return;
    const { up: sent, down: received } = this.#bytes;
    const ms = performance.now() - this.#started;
    const [{ name }] = this.#candidates as Candidates;
    reportShape(this.#context, this.#registration, shape, {
      name,
      declared: this.#declared,
      sent,
      received,
      ms,
    });
  }

  /** Acts on what a guard said after bytes, or the end, of a direction. */
  #release(direction: Direction, release: Release): boolean {
    if (release.violation) {
      this.#violate(release.violation);
      return false;
    }
    if (release.chosen && !this.#claim(release.chosen)) return false;
    if (release.allowed && !this.#allow(release.allowed)) return false;
    const { uncounted = 0 } = release;
    if (uncounted !== 0) {
      this.#context.budgets.spend(this.#rule, -uncounted);
      this.#bytes.up -= uncounted;
    }
    const other: Direction = direction === 'up' ? 'down' : 'up';
    // what is released of the other side are the guard's own copies; a full target pauses that side's source
    if (release[other].length > 0) this.#forward(other, release[other]);
    const flowing = release[direction].length === 0 || this.#forward(direction, release[direction]);
    if (release.raw) this.#guard = undefined;
    if (release.abort !== undefined) this.close(release.abort, true);
    if (release.finish && !this.#closed) {
      this.#ends?.agent.end();
      this.#ends?.server.destroy();
    }
    return flowing && !this.#closed;
  }

  /** While the guard wants no more of the agent's bytes, they wait in the kernel. */
  #await(busy: boolean): void {
    if (this.#closed || !this.#ends || busy === this.#waiting) return;
    this.#waiting = busy;
    const { agent, server } = this.#ends;
    if (busy) agent.pause();
    // the server's socket may still hold the agent's read buffer
    else if (server.writableLength === 0) agent.resume();
    else server.write(EMPTY, () => agent.resume());
  }

  #forward(direction: Direction, chunks: readonly Uint8Array[]): boolean {
    const { agent, server } = this.#ends ?? {};
    if (this.#closed || !agent || !server) return false;
    if ((direction === 'up' ? server : agent).writableEnded) {
      this.close('bytes after the end', true);
      return false;
    }
    let count = 0;
    for (const chunk of chunks) count += chunk.length;
    if (!this.#context.budgets.spend(this.#rule, count)) {
      this.#exhaust();
      return false;
    }
    this.#bytes[direction] += count;
    return direction === 'up' ? this.#move(server, chunks, agent) : this.#move(agent, chunks, server);
  }

  #exhaust(): void {
    const max = this.#context.budgets.max(this.#rule);
    const limit = `network[${this.#rule}].bytes`;
    this.#context.reporter.event({ kind: 'limit.reached', limit, used: max, max, action: 'flow ended' });
    this.close('budget', true);
  }

  #allow({ candidate, verdict, detail }: NonNullable<Release['allowed']>): boolean {
    if (this.#judged) return true;
    if (!this.#claim(candidate)) return false;
    this.#judged = true;
    this.#seen.up.take();
    this.#seen.down.take();
    this.#context.reporter.event({
      kind: 'flow.verdict',
      flow: String(this.id),
      protocol: verdict.protocol,
      declared: this.#declared,
      ok: true,
      ...(verdict.sni === undefined ? {} : { sni: verdict.sni }),
      ...(this.#candidates?.some(({ name }) => name !== candidate.name) ? { host: candidate.name } : {}),
      ...(detail === undefined ? {} : { detail }),
    });
    return true;
  }

  #violate({ why, field, protocol }: Violation): void {
    const { up, down } = this.#seen;
    const named = recognise('up', up.bytes) ?? recognise('down', down.bytes);
    const spoken = protocol ?? named?.protocol ?? 'unknown';
    const sni = named?.sni === undefined ? {} : { sni: named.sni };
    const flow = String(this.id);
    const { reporter } = this.#context;
    const declared = this.#declared;
    reporter.event({
      kind: 'flow.verdict',
      flow,
      protocol: spoken,
      declared,
      ok: false,
      ...sni,
      detail: why,
    });
    reporter.event({
      kind: 'violation',
      what: `${spoken} where ${declared} is declared: ${why}`,
      flow,
      owner: ownerOf(this.#registration),
      clause: `network[${this.#rule}].${field}`,
      action: 'flow reset',
      hazard: hazardOf(spoken),
    });
    this.close('violation', true);
  }

  /** A `tcp` flow that ended before its verdict is named by what there was. */
  #nameAny(): void {
    if (this.#judged || this.#declared !== 'tcp' || this.#bytes.up + this.#bytes.down === 0) return;
    const { up, down } = this.#seen;
    const protocol = (recognise('up', up.bytes) ?? recognise('down', down.bytes))?.protocol ?? 'unknown';
    const flow = String(this.id);
    this.#context.reporter.event({ kind: 'flow.verdict', flow, protocol, declared: 'tcp', ok: true });
  }

  /** Called a few times a second: deadlines. */
  sweep(): void {
    const { clock, timeouts } = this.#context;
    if (!this.#accepted && this.#acceptedBy !== undefined && clock.now > this.#acceptedBy) {
      this.close('never arrived', true);
    } else if (this.#unfinishedSince !== undefined && clock.now - this.#unfinishedSince > timeouts.verdict) {
      this.#violate({ why: `no verdict within ${timeouts.verdict} ms`, field: 'protocol' });
    } else if (this.#accepted && this.#server && clock.now - this.#active > timeouts.idle) {
      this.close('idle', true);
    }
  }

  /** Ends the flow; `abort`: with a reset to both sides. */
  close(reason: string, abort: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#dial?.cancel();
    if (abort) {
      reset(this.#accepted?.socket);
      reset(this.#server?.socket);
    }
    this.#guard?.closed?.(reason);
    if (this.#opened) {
      this.#nameAny();
      this.#context.reporter.event({
        kind: 'flow.close',
        flow: String(this.id),
        sent: this.#bytes.up,
        received: this.#bytes.down,
        ms: Math.round(performance.now() - this.#started),
        reason,
      });
    }
    this.#done(this);
  }
}
