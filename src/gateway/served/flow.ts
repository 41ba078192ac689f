/**
 * A flow that ends in the gateway itself: accepted, handed to whoever answers for its service, accounted like any other.
 *
 * @module
 */
import type { FlowRegistration, Owner } from '../../contract/index.ts';
import type { Accepted } from '../flow/accept.ts';
import { denial, type FlowContext, ownerOf } from '../flow/context.ts';
import { errnoOf } from '../flow/dial.ts';
import { reset } from '../flow/relay.ts';
import type { CarriedFlow } from './served.ts';

/** A connection in the hands of who answers it. */
export interface Taken {
  /** bytes from inside, and to it */
  readonly received: number;
  readonly sent: number;
  /** Ends it, `abort`: with a reset, and tells the flow so before it returns. */
  end(reason: string, abort: boolean): void;
}

/** What who answers knows of the flow, and tells it. */
export interface Taking {
  owner: Owner;
  flow: number;
  /** it is over; only the first word counts */
  ended(reason: string): void;
  fail(error: Error): void;
}

/** What is recorded of such a flow, and who takes it. */
export interface ServiceAbout {
  /** name that the record shows as its host */
  host: string;
  /** the part of the contract that it is declared by: `tools` */
  clause: string;
  take(accepted: Accepted, taking: Taking): Taken;
}

export class ServedFlow implements CarriedFlow {
  readonly id: number;
  readonly rule = undefined;
  readonly #context: FlowContext;
  readonly #registration: FlowRegistration;
  readonly #about: ServiceAbout;
  readonly #done: (flow: CarriedFlow) => void;
  readonly #started = performance.now();
  #taken: Taken | undefined;
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
    const { host, clause } = this.#about;
    this.#opened = true;
    this.#context.reporter.event({
      kind: 'flow.open',
      flow: String(flow),
      owner: ownerOf(this.#registration),
      host,
      address,
      port,
      transport: 'tcp',
      declared: clause,
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
    this.#taken = this.#about.take(accepted, {
      owner: ownerOf(this.#registration),
      flow: this.id,
      ended: (reason) => this.#finish(reason),
      fail: this.#context.fail,
    });
  }

  withdraw(): void {
    if (!this.#taken) this.close('withdrawn', true);
  }

  sweep(): void {
    const late = this.#acceptedBy !== undefined && this.#context.clock.now > this.#acceptedBy;
    if (late && !this.#taken) this.close('never arrived', true);
  }

  close(reason: string, abort: boolean): void {
    if (this.#taken) this.#taken.end(reason, abort);
    else this.#finish(reason);
  }

  #finish(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#opened)
      this.#context.reporter.event({
        kind: 'flow.close',
        flow: String(this.id),
        sent: this.#taken?.received ?? 0,
        received: this.#taken?.sent ?? 0,
        ms: Math.round(performance.now() - this.#started),
        reason,
      });
    this.#done(this);
  }
}
