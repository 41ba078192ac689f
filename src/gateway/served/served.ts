/**
 * What the gateway itself answers to, inside the cell: services at names of their own, of which no byte goes anywhere
 * unread. The registry of flows asks here before it dials anybody.
 *
 * @module
 */
import type { FlowRegistration } from '../../contract/index.ts';
import type { Accepted } from '../flow/accept.ts';
import type { FlowContext } from '../flow/context.ts';
import type { Address } from '../policy/addresses.ts';

/** What a flow does for its registry, whoever carries it. */
export interface CarriedFlow {
  readonly id: number;
  /** number of the network rule that it counts for; `undefined` where none does */
  readonly rule: number | undefined;
  start(): void;
  refuse(why: string): void;
  accept(accepted: Accepted): void;
  withdraw(): void;
  sweep(): void;
  close(reason: string, abort: boolean): void;
}

export interface Served {
  /** The address of a name inside, where it is one of ours; `ttl` in seconds. */
  addressOf(name: string): { address: Address; ttl: number } | undefined;
  /** The flow that answers a connect to us; `undefined` for any other. */
  serve(
    context: FlowContext,
    registration: FlowRegistration,
    done: (flow: CarriedFlow) => void,
  ): CarriedFlow | undefined;
  /** The cell is over. */
  close(): void;
}

/** Several services as one; each has names, and address and port, of its own. */
export class ServedAll implements Served {
  readonly #services: readonly Served[];

  constructor(services: readonly (Served | undefined)[]) {
    this.#services = services.filter((service) => service !== undefined);
  }

  addressOf(name: string): { address: Address; ttl: number } | undefined {
    for (const service of this.#services) {
      const found = service.addressOf(name);
      if (found) return found;
    }
    return undefined;
  }

  serve(
    context: FlowContext,
    registration: FlowRegistration,
    done: (flow: CarriedFlow) => void,
  ): CarriedFlow | undefined {
    for (const service of this.#services) {
      const flow = service.serve(context, registration, done);
      if (flow) return flow;
    }
    return undefined;
  }

  close(): void {
    for (const service of this.#services) service.close();
  }
}
