/**
 * What a permitted name resolves to inside the cell: the contract's table, the hosts file, then the machine's
 * resolvers; addresses that nobody wrote out are dropped, and an answer is given only once its pins are in force.
 *
 * @module
 */
import type { Address } from '../policy/addresses.ts';
import type { Pins } from '../policy/pins.ts';
import type { Policy } from '../policy/policy.ts';
import type { RecordType, Resolution, UpstreamResolver } from './upstream.ts';
import { type Answer, RCODE } from './wire.ts';

/** Seconds. Long enough not to ask all the time, short enough that a moved host is found again. */
const MAX_TTL = 300;
const LOCAL_TTL = 60;
const MAX_CACHED = 4096;

export interface Resolved {
  answer: Answer;
  /** why addresses were withheld, or the name could not be resolved; for the operator */
  denied?: string;
}

type Lookup = { admitted: Address[]; dropped: string[]; ttl: number; missing: boolean; failed?: string };

export class CellResolver {
  readonly #policy: Policy;
  readonly #pins: Pins;
  readonly #upstream: UpstreamResolver;
  readonly #cache = new Map<string, { until: number; lookup: Promise<Lookup> }>();

  constructor(policy: Policy, pins: Pins, upstream: UpstreamResolver) {
    this.#policy = policy;
    this.#pins = pins;
    this.#upstream = upstream;
  }

  /** Addresses of one family for a name that a rule names, pinned. */
  async resolve(name: string, type: RecordType): Promise<Resolved> {
    const lookup = await this.#lookup(name, type);
    if (lookup.failed !== undefined) return { answer: empty(RCODE.SERVFAIL), denied: lookup.failed };
    const denied = lookup.dropped.length > 0 ? { denied: lookup.dropped.join(', ') } : {};
    if (lookup.admitted.length === 0) {
      const gone = lookup.missing || lookup.dropped.length > 0;
      return { answer: empty(gone ? RCODE.NXDOMAIN : RCODE.NOERROR), ...denied };
    }
    if (!(await this.#pins.add(this.#policy.pinsFor(name, lookup.admitted)))) {
      return { answer: empty(RCODE.SERVFAIL), denied: 'the table of pinned addresses is full' };
    }
    return { answer: { rcode: RCODE.NOERROR, addresses: lookup.admitted, ttl: lookup.ttl }, ...denied };
  }

  #lookup(name: string, type: RecordType): Promise<Lookup> {
    const family = type === 'A' ? 4 : 6;
    const local = this.#policy.localAddresses(name);
    if (local) {
      const admitted = local.admitted.filter((address) => address.family === family);
      return Promise.resolve({ admitted, dropped: local.dropped, ttl: LOCAL_TTL, missing: false });
    }
    const key = `${type} ${name}`;
    const cached = this.#cache.get(key);
    if (cached && cached.until > Date.now()) return cached.lookup;
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    const lookup = this.#upstream.resolve(name, type).then((resolution) => this.#judge(resolution));
    const entry = { until: Number.POSITIVE_INFINITY, lookup };
    this.#cache.set(key, entry);
    void lookup.then(({ ttl, failed }) => {
      entry.until = failed === undefined ? Date.now() + ttl * 1000 : 0;
    });
    return lookup;
  }

  #judge(resolution: Resolution): Lookup {
    if (resolution.kind === 'failed') {
      return { admitted: [], dropped: [], ttl: 0, missing: false, failed: resolution.reason };
    }
    const ttl = Math.min(MAX_TTL, resolution.ttl);
    if (resolution.kind !== 'found') {
      return { admitted: [], dropped: [], ttl, missing: resolution.kind === 'missing' };
    }
    return { ...this.#policy.admit(resolution.addresses), ttl, missing: false };
  }
}

const empty = (rcode: Answer['rcode']): Answer => ({ rcode, addresses: [], ttl: 0 });
