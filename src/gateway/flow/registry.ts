/**
 * Which flow a connection belongs to: registrations by family, source address and port, each used once. Connections
 * may overtake their registration by a moment; one that stays without is an attack on the gateway.
 *
 * @module
 */
import type { Socket } from 'node:net';
import type { FlowRegistration, Owner } from '../../contract/index.ts';
import { canonical } from '../policy/addresses.ts';
import type { CarriedFlow, Served } from '../served/served.ts';
import { type Accepted, takeOver } from './accept.ts';
import { type FlowContext, ownerOf } from './context.ts';
import { reset } from './relay.ts';
import { TcpFlow } from './tcp-flow.ts';

/** Flows at once; a cell's process limit keeps honest work far below. */
const MAX_FLOWS = 4096;
/** DNS sockets live for one exchange; their port is somebody else's soon. */
const DNS_OWNER_MS = 10_000;

interface Waiting {
  accepted: Accepted;
  timer: NodeJS.Timeout;
}

export class TcpFlows {
  readonly #context: FlowContext;
  readonly #served: Served | undefined;
  readonly #expected = new Map<string, CarriedFlow>();
  readonly #keys = new Map<CarriedFlow, string>();
  readonly #flows = new Map<number, CarriedFlow>();
  readonly #waiting = new Map<string, Waiting>();
  #over: string | undefined;

  /** `served` takes the flows that end here instead of outside. */
  constructor(context: FlowContext, served?: Served) {
    this.#context = context;
    this.#served = served;
  }

  register(registration: FlowRegistration): void {
    const key = keyOf(registration.family, registration.source, registration.sourcePort);
    this.#expected.get(key)?.withdraw();
    const done = (ended: CarriedFlow) => this.#forget(ended);
    const flow =
      this.#served?.serve(this.#context, registration, done) ??
      new TcpFlow(this.#context, registration, done);
    this.#flows.set(flow.id, flow);
    this.#expected.set(key, flow);
    this.#keys.set(flow, key);
    if (this.#flows.size > MAX_FLOWS) flow.refuse('too many flows at once');
    else flow.start();
    const early = this.#waiting.get(key);
    if (!early) return;
    this.#waiting.delete(key);
    clearTimeout(early.timer);
    this.#deliver(key, flow, early.accepted);
  }

  withdraw(id: number): void {
    this.#flows.get(id)?.withdraw();
  }

  /** A connection from inside (paused); it waits for its registration a little while. */
  accept(family: 4 | 6, connection: Socket): void {
    const accepted = takeOver(connection);
    const { socket } = accepted;
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined || this.#over !== undefined) {
      reset(socket);
      return;
    }
    const key = keyOf(family, remoteAddress, remotePort);
    const flow = this.#expected.get(key);
    if (flow) {
      this.#deliver(key, flow, accepted);
      return;
    }
    socket.on('error', () => {});
    const timer = setTimeout(() => this.#unregistered(key, socket), this.#context.timeouts.registration);
    this.#waiting.set(key, { accepted, timer });
  }

  #deliver(key: string, flow: CarriedFlow, accepted: Accepted): void {
    this.#expected.delete(key);
    flow.accept(accepted);
  }

  #unregistered(key: string, socket: Socket): void {
    this.#waiting.delete(key);
    this.#context.reporter.coalesced('unregistered', {
      kind: 'tampering',
      what: `a connection to the gateway that no connect(2) registered, from ${socket.remoteAddress}:${socket.remotePort}`,
      action: 'connection reset',
    });
    reset(socket);
  }

  #forget(flow: CarriedFlow): void {
    if (this.#flows.get(flow.id) === flow) this.#flows.delete(flow.id);
    const key = this.#keys.get(flow);
    this.#keys.delete(flow);
    // a flow that was refused keeps its place, so that its connection is reset and not taken for a forged one
    if (key !== undefined && this.#expected.get(key) === flow) {
      setTimeout(() => {
        if (this.#expected.get(key) === flow) this.#expected.delete(key);
      }, this.#context.timeouts.registration).unref();
    }
  }

  /** Ends every flow with a reset; whatever still comes is reset too. */
  close(reason: string): void {
    this.#over = reason;
    for (const flow of [...this.#flows.values()]) flow.close(reason, true);
    for (const { accepted, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reset(accepted.socket);
    }
    this.#waiting.clear();
  }

  /** Ends the flows of one rule. */
  endRule(rule: number, reason: string): void {
    for (const flow of [...this.#flows.values()]) if (flow.rule === rule) flow.close(reason, true);
  }

  get size(): number {
    return this.#flows.size;
  }

  sweep(): void {
    for (const flow of this.#flows.values()) flow.sweep();
  }
}

/** Who owns the sockets that ask the cell's DNS server, as far as they connected. */
export class DnsOwners {
  readonly #owners = new Map<string, { owner: Owner; until: number }>();

  register(registration: FlowRegistration): void {
    const key = `${registration.type} ${canonical(registration.source)} ${registration.sourcePort}`;
    this.#owners.set(key, { owner: ownerOf(registration), until: performance.now() + DNS_OWNER_MS });
  }

  /** The owner of a query's source. Its registration was written before the query was sent, so one more turn of the
   *  event loop has read it. */
  async find(transport: 'tcp' | 'udp', source: string, port: number): Promise<Owner | undefined> {
    const key = `${transport} ${canonical(source)} ${port}`;
    for (let turns = 0; turns < 3 && !this.#owners.has(key); turns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const known = this.#owners.get(key);
    return known && known.until > performance.now() ? known.owner : undefined;
  }

  sweep(): void {
    const time = performance.now();
    for (const [key, { until }] of this.#owners) if (until <= time) this.#owners.delete(key);
  }
}

function keyOf(family: 4 | 6, source: string, port: number): string {
  return `${family} ${canonical(source)} ${port}`;
}
