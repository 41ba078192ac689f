/**
 * Names that the gateway itself connects to, resolved as for names inside: the contract's table, the hosts file, the
 * machine's resolvers; nothing private unasked.
 *
 * @module
 */
import type { Address } from '../policy/addresses.ts';
import { normaliseName } from '../policy/names.ts';
import type { Policy } from '../policy/policy.ts';
import type { UpstreamResolver } from './upstream.ts';

/** Addresses of a host that may be dialled, or why there are none. */
export type Resolve = (host: string) => Promise<{ addresses: Address[] } | { why: string }>;

export function outwardResolve(policy: Policy, resolver: UpstreamResolver): Resolve {
  return async (host) => {
    const name = normaliseName(host);
    if (name === undefined) return { why: `${host} is not a host name` };
    const local = policy.localAddresses(name);
    if (local && local.admitted.length > 0) return { addresses: local.admitted };
    if (local) return { why: `${host}: ${local.dropped.join(', ')}` };
    const found = await Promise.all([resolver.resolve(name, 'A'), resolver.resolve(name, 'AAAA')]);
    const addresses = found.flatMap((answer) => (answer.kind === 'found' ? answer.addresses : []));
    const admission = policy.admit(addresses);
    if (admission.admitted.length > 0) return { addresses: admission.admitted };
    const [failed] = found.flatMap((answer) => (answer.kind === 'failed' ? [answer.reason] : []));
    const why = admission.dropped.length > 0 ? admission.dropped.join(', ') : (failed ?? 'no address');
    return { why: `${host}: ${why}` };
  };
}
