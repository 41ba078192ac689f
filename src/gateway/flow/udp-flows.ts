/**
 * UDP flows: datagrams from a registered (connected) socket go to its one address outside, and answers come back.
 *
 * @module
 */
import { createSocket, type Socket } from 'node:dgram';
import type { FlowRegistration } from '../../contract/index.ts';
import { canonical } from '../policy/addresses.ts';
import type { Candidate } from '../policy/pins.ts';
import { UdpShape } from '../shape/udp.ts';
import { recogniseDatagram } from '../sniff/datagram.ts';
import type { Direction } from '../sniff/sniffer.ts';
import { denial, type FlowContext, ownerOf } from './context.ts';
import { errnoOf } from './dial.ts';
import { reportShape } from './shaped.ts';

const MAX_FLOWS = 1024;
const MAX_QUEUED = 16;
const MAX_KNOWN = 65_536;

interface UdpFlow {
  id: number;
  key: string;
  registration: FlowRegistration;
  rule: number;
  declared: string;
  outside: Socket;
  ready: boolean;
  queue: Buffer[];
  sent: number;
  received: number;
  started: number;
  active: number;
  judged: boolean;
  host: string;
  shape: UdpShape;
}

export class UdpFlows {
  readonly #context: FlowContext;
  readonly #inside: Partial<Record<4 | 6, Socket>> = {};
  readonly #flows = new Map<string, UdpFlow>();
  /** sources that were registered and have no flow now; idle ones may open theirs again */
  readonly #known = new Map<string, FlowRegistration | 'ended'>();

  constructor(context: FlowContext) {
    this.#context = context;
  }

  listen(family: 4 | 6, socket: Socket): void {
    this.#inside[family] = socket;
    socket.on('message', (bytes, { address, port }) => this.#fromInside(family, address, port, bytes));
  }

  register(registration: FlowRegistration): void {
    const { flow: id, family, source, sourcePort, port, wait } = registration;
    const { pins, budgets, reporter, clock } = this.#context;
    const address = canonical(registration.address);
    const candidates = address === undefined ? [] : pins.candidates(address, port, 'udp');
    const candidate = candidates.find(({ match }) => !budgets.isOver(match.index)) ?? candidates[0];
    const key = `${family} ${canonical(source)} ${sourcePort}`;
    const previous = this.#flows.get(key);
    if (previous) this.#end(previous, 'replaced');
    this.#remember(key, 'ended');
    const why = this.#reasonAgainst(address, candidate);
    if (address === undefined || !candidate || why) {
      reporter.coalesced(`refused ${registration.pid}`, denial(registration, why ?? 'not an address'));
      if (wait) this.#context.result(id, errnoOf('ECONNREFUSED'));
      return;
    }
    if (wait) this.#context.result(id, 0);
    const declared = candidate.match.rule.protocol;
    const outside = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const flow: UdpFlow = {
      id,
      key,
      registration,
      rule: candidate.match.index,
      declared,
      outside,
      ready: false,
      queue: [],
      sent: 0,
      received: 0,
      started: performance.now(),
      active: clock.now,
      judged: false,
      host: candidate.name,
      shape: new UdpShape(),
    };
    this.#flows.set(key, flow);
    reporter.event({
      kind: 'flow.open',
      flow: String(id),
      owner: ownerOf(registration),
      host: candidate.name,
      address,
      port,
      transport: 'udp',
      declared,
      clause: candidate.match.clause,
    });
    // ICMP errors (port unreachable) arrive as errors; a UDP program expects silence
    outside.on('error', () => {});
    outside.on('message', (bytes) =>
      this.#fromOutside(flow, family, canonical(source) ?? source, sourcePort, bytes),
    );
    outside.connect(port, address, (error?: unknown) => {
      // no route, or closed meanwhile: to a UDP program that is silence
      if (error || this.#flows.get(key) !== flow) return;
      flow.ready = true;
      for (const bytes of flow.queue.splice(0)) outside.send(bytes, () => {});
    });
  }

  #reasonAgainst(address: string | undefined, candidate: Candidate | undefined): string | undefined {
    if (address === undefined || !candidate) return 'nobody resolved this address';
    if (this.#flows.size >= MAX_FLOWS) return 'too many flows at once';
    return this.#context.budgets.connect(candidate.match.index) && 'its budget is used up';
  }

  #fromInside(family: 4 | 6, source: string, port: number, bytes: Buffer): void {
    const key = `${family} ${canonical(source)} ${port}`;
    const flow = this.#flows.get(key);
    if (!flow) {
      // its registration may be one turn of the event loop behind
      setImmediate(() => setImmediate(() => this.#late(key, source, port, bytes)));
      return;
    }
    this.#send(flow, bytes);
  }

  #late(key: string, source: string, port: number, bytes: Buffer): void {
    const known = this.#known.get(key);
    if (!this.#flows.has(key) && known !== undefined && known !== 'ended') this.register(known);
    const flow = this.#flows.get(key);
    if (flow) this.#send(flow, bytes);
    if (flow || known !== undefined) return;

    this.#context.reporter.coalesced('unregistered-udp', {
      kind: 'tampering',
      what: `a datagram to the gateway that no connect(2) registered, from ${source}:${port}`,
      action: 'datagram dropped',
    });
  }

  #send(flow: UdpFlow, bytes: Buffer): void {
    if (!this.#spend(flow, bytes.length)) return;
    flow.sent += bytes.length;
    if (!flow.judged) {
      flow.judged = true;
      this.#context.reporter.event({
        kind: 'flow.verdict',
        flow: String(flow.id),
        protocol: recogniseDatagram(bytes),
        declared: flow.declared,
        ok: true,
      });
    }
    this.#look(flow, 'up', bytes);
    if (flow.ready) flow.outside.send(bytes, () => {});
    else if (flow.queue.length < MAX_QUEUED) flow.queue.push(bytes);
  }

  #fromOutside(flow: UdpFlow, family: 4 | 6, source: string, port: number, bytes: Buffer): void {
    if (this.#flows.get(flow.key) !== flow || !this.#spend(flow, bytes.length)) return;
    flow.received += bytes.length;
    this.#look(flow, 'down', bytes);
    this.#inside[family]?.send(bytes, port, source, () => {});
  }

  #look(flow: UdpFlow, direction: Direction, bytes: Buffer): void {
    const at = performance.now();
    const shape = flow.shape.feed(direction, bytes, at);
    if (!shape) return;
    const { host: name, declared, sent, received, started } = flow;
    reportShape(this.#context, flow.registration, shape, {
      name,
      declared,
      sent,
      received,
      ms: at - started,
    });
  }

  #spend(flow: UdpFlow, bytes: number): boolean {
    flow.active = this.#context.clock.now;
    if (this.#context.budgets.spend(flow.rule, bytes)) return true;
    const max = this.#context.budgets.max(flow.rule);
    const limit = `network[${flow.rule}].bytes`;
    this.#context.reporter.event({ kind: 'limit.reached', limit, used: max, max, action: 'flow ended' });
    this.#end(flow, 'budget');
    return false;
  }

  withdraw(id: number): void {
    for (const flow of this.#flows.values()) if (flow.id === id) this.#end(flow, 'withdrawn');
  }

  sweep(): void {
    for (const flow of this.#flows.values()) {
      if (this.#context.clock.now - flow.active <= this.#context.timeouts.idle) continue;
      this.#end(flow, 'idle');
      this.#remember(flow.key, { ...flow.registration, wait: false });
    }
  }

  #remember(key: string, state: FlowRegistration | 'ended'): void {
    this.#known.delete(key);
    this.#known.set(key, state);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Ends the flows of one rule. */
  endRule(rule: number, reason: string): void {
    for (const flow of [...this.#flows.values()]) if (flow.rule === rule) this.#end(flow, reason);
  }

  close(reason: string): void {
    for (const flow of [...this.#flows.values()]) this.#end(flow, reason);
  }

  #end(flow: UdpFlow, reason: string): void {
    if (this.#flows.get(flow.key) === flow) this.#flows.delete(flow.key);
    flow.outside.close();
    this.#context.reporter.event({
      kind: 'flow.close',
      flow: String(flow.id),
      sent: flow.sent,
      received: flow.received,
      ms: Math.round(performance.now() - flow.started),
      reason,
    });
  }
}
