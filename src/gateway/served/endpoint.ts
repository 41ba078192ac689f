/**
 * The one address and port of a service, and the flows there: a bounded number at a time.
 *
 * @module
 */
import type { FlowRegistration } from '../../contract/index.ts';
import type { FlowContext } from '../flow/context.ts';
import { type Address, canonical, parseAddress } from '../policy/addresses.ts';
import { ServedFlow, type ServiceAbout } from './flow.ts';
import type { CarriedFlow } from './served.ts';

/** Where nothing else is said: clients keep a handful of connections each. */
const MAX_FLOWS = 256;
/** Seconds that a name's address holds. */
const TTL = 300;

export interface EndpointOptions extends Pick<ServiceAbout, 'host' | 'clause'> {
  /** as it is written canonically */
  address: string;
  port: number;
  /** what a denial calls it: `the tools` */
  called: string;
  /** flows at a time */
  most?: number;
}

export class Endpoint {
  readonly #options: EndpointOptions;
  #flows = 0;

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  /** What each name of the service resolves to. */
  answer(): { address: Address; ttl: number } | undefined {
    const address = parseAddress(this.#options.address);
    return address && { address, ttl: TTL };
  }

  /** The flow that answers a connect to the service; `undefined` for any other. */
  serve(
    context: FlowContext,
    registration: FlowRegistration,
    take: ServiceAbout['take'],
    done: (flow: CarriedFlow) => void,
  ): CarriedFlow | undefined {
    const { host, clause, called, most = MAX_FLOWS, ...own } = this.#options;
    const { address, port, type } = registration;
    if (type !== 'tcp' || port !== own.port || canonical(address) !== own.address) return undefined;
    this.#flows += 1;
    const flow = new ServedFlow(context, registration, { host, clause, take }, (ended) => {
      this.#flows -= 1;
      done(ended);
    });
    if (this.#flows <= most) return flow;
    return Object.assign(flow, { start: () => flow.refuse(`too many connections to ${called}`) });
  }
}
