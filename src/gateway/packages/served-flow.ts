/**
 * A flow that ends in the gateway itself: accepted, answered from the indexes, accounted like any other.
 *
 * @module
 */
import type { FlowRegistration } from '../../contract/index.ts';
import { PACKAGE_DOMAIN } from '../../contract/packages.ts';
import type { Accepted } from '../flow/accept.ts';
import { denial, type FlowContext, ownerOf } from '../flow/context.ts';
import { errnoOf } from '../flow/dial.ts';
import { reset } from '../flow/relay.ts';
import type { CarriedFlow } from '../served/served.ts';
import { Conversation, type Handlers } from './conversation.ts';

export class ServedFlow implements CarriedFlow {
  readonly id: number;
  readonly rule = undefined;
  readonly #context: FlowContext;
  readonly #registration: FlowRegistration;
  readonly #handlers: Pick<Handlers, 'answer' | 'refuse'>;
  readonly #done: (flow: CarriedFlow) => void;
  readonly #started = performance.now();
  #conversation: Conversation | undefined;
  #acceptedBy: number | undefined;
  #opened = false;
  #closed = false;

  constructor(
    context: FlowContext,
    registration: FlowRegistration,
    handlers: Pick<Handlers, 'answer' | 'refuse'>,
    done: (flow: CarriedFlow) => void,
  ) {
    this.#context = context;
    this.#registration = registration;
    this.#handlers = handlers;
    this.#done = done;
    this.id = registration.flow;
  }

  start(): void {
    const { address, port, flow, wait } = this.#registration;
    this.#opened = true;
    this.#context.reporter.event({
      kind: 'flow.open',
      flow: String(flow),
      owner: ownerOf(this.#registration),
      host: PACKAGE_DOMAIN,
      address,
      port,
      transport: 'tcp',
      declared: 'packages',
      clause: 'packages',
    });
    this.#acceptedBy = this.#context.clock.now + this.#context.timeouts.registration;
    if (wait) this.#context.result(this.id, 0);
  }

  refuse(why: string): void {
    this.#context.reporter.coalesced(`refused ${this.#registration.pid}`, {
      ...denial(this.#registration, why),
    });
    if (this.#registration.wait) this.#context.result(this.id, errnoOf('ECONNREFUSED'));
    this.close('refused', true);
  }

  accept(accepted: Accepted): void {
    if (this.#closed) {
      reset(accepted.socket);
      return;
    }
    this.#conversation = new Conversation(accepted, {
      ...this.#handlers,
      end: (reason) => this.#finish(reason),
      fail: this.#context.fail,
    });
  }

  withdraw(): void {
    if (!this.#conversation) this.close('withdrawn', true);
  }

  sweep(): void {
    const late = this.#acceptedBy !== undefined && this.#context.clock.now > this.#acceptedBy;
    if (late && !this.#conversation) this.close('never arrived', true);
  }

  close(reason: string, abort: boolean): void {
    if (this.#conversation) this.#conversation.end(reason, abort);
    else this.#finish(reason);
  }

  #finish(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#opened)
      this.#context.reporter.event({
        kind: 'flow.close',
        flow: String(this.id),
        sent: this.#conversation?.received ?? 0,
        received: this.#conversation?.sent ?? 0,
        ms: Math.round(performance.now() - this.#started),
        reason,
      });
    this.#done(this);
  }
}
