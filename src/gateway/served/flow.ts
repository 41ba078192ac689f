/**
 * A flow that ends in the gateway itself: accepted, handed to its service as a stream, accounted like any other.
 *
 * @module
 */
import type { FlowRegistration, Owner } from '../../contract/index.ts';
import type { Accepted } from '../flow/accept.ts';
import { denial, type FlowContext, ownerOf } from '../flow/context.ts';
import { errnoOf } from '../flow/dial.ts';
import { reset } from '../flow/relay.ts';
import type { CarriedFlow } from './served.ts';
import { AcceptedStream } from './stream.ts';

/** What is recorded of such a flow, and who takes it. */
export interface ServiceAbout {
  /** name that the record shows as its host */
  host: string;
  /** what it is declared as: `tools` */
  declared: string;
  clause: string;
  take(stream: AcceptedStream, owner: Owner, flow: number): void;
}

export class StreamFlow implements CarriedFlow {
  readonly id: number;
  readonly rule = undefined;
  readonly #context: FlowContext;
  readonly #registration: FlowRegistration;
  readonly #about: ServiceAbout;
  readonly #done: (flow: CarriedFlow) => void;
  readonly #started = performance.now();
  #stream: AcceptedStream | undefined;
  #acceptedBy: number | undefined;
  #opened = false;
  #closed = false;

  constructor(
    context: FlowContext,
    registration: FlowRegistration,
    about: ServiceAbout,
    done: (flow: CarriedFlow) => void,
  ) {
    this.#context = context;
    this.#registration = registration;
    this.#about = about;
    this.#done = done;
    this.id = registration.flow;
  }

  start(): void {
    const { address, port, flow, wait } = this.#registration;
    const { host, declared, clause } = this.#about;
    this.#opened = true;
    this.#context.reporter.event({
      kind: 'flow.open',
      flow: String(flow),
      owner: ownerOf(this.#registration),
      host,
      address,
      port,
      transport: 'tcp',
      declared,
      clause,
    });
    this.#acceptedBy = this.#context.clock.now + this.#context.timeouts.registration;
    if (wait) this.#context.result(this.id, 0);
  }

  refuse(why: string): void {
    this.#context.reporter.coalesced(`refused ${this.#registration.pid}`, denial(this.#registration, why));
    if (this.#registration.wait) this.#context.result(this.id, errnoOf('ECONNREFUSED'));
    this.close('refused', true);
  }

  accept(accepted: Accepted): void {
    if (this.#closed) {
      reset(accepted.socket);
      return;
    }
    const stream = new AcceptedStream(accepted);
    this.#stream = stream;
    stream.on('error', () => {});
    stream.on('close', () => this.#finish('closed'));
    this.#about.take(stream, ownerOf(this.#registration), this.id);
  }

  withdraw(): void {
    if (!this.#stream) this.close('withdrawn', true);
  }

  sweep(): void {
    const late = this.#acceptedBy !== undefined && this.#context.clock.now > this.#acceptedBy;
    if (late && !this.#stream) this.close('never arrived', true);
  }

  close(reason: string, abort: boolean): void {
    this.#finish(reason);
    this.#stream?.destroy(abort ? new Error(reason) : undefined);
  }

  #finish(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#opened)
      this.#context.reporter.event({
        kind: 'flow.close',
        flow: String(this.id),
        sent: this.#stream?.received ?? 0,
        received: this.#stream?.sent ?? 0,
        ms: Math.round(performance.now() - this.#started),
        reason,
      });
    this.#done(this);
  }
}
