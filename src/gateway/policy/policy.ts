/**
 * The network part of a contract as decisions: which names resolve, to which addresses, for which ports. Pure.
 *
 * @module
 */
import type { GatewayConfig, NetworkRule } from '../../contract/index.ts';
import { type Address, classify, parseAddress, unmap } from './addresses.ts';
import { matchesName, normaliseName } from './names.ts';

export type Transport = 'tcp' | 'udp';

/** A rule that applies to a name or a written-out address. `clause` is where it stands in the contract. */
export interface RuleMatch {
  index: number;
  rule: NetworkRule;
  clause: string;
  transport: Transport;
}

/** An address and port that connects may go to, and the name (or the literal address) it stands for. */
export interface PinRequest {
  address: Address;
  port: number;
  transport: Transport;
  name: string;
  literal: boolean;
  match: RuleMatch;
}

export interface Admission {
  admitted: Address[];
  /** why each other address was dropped: `10.0.0.1 is private` */
  dropped: string[];
}

export class Policy {
  readonly #rules: RuleMatch[];
  readonly #resolve: Map<string, Address[]>;
  readonly #hosts: Map<string, Address[]>;

  constructor(config: Pick<GatewayConfig, 'network' | 'resolve' | 'hosts'>) {
    this.#rules = config.network.map((rule, index) => ({
      index,
      rule,
      clause: `network[${index}]`,
      transport: rule.protocol === 'udp' ? 'udp' : 'tcp',
    }));
    this.#resolve = table(config.resolve);
    this.#hosts = table(config.hosts);
  }

  /** The rules that name this (normalised) host name; none: it does not resolve. */
  rulesFor(name: string): RuleMatch[] {
    return this.#rules.filter(({ rule }) => !parseAddress(rule.host) && matchesName(rule.host, name));
  }

  /** Whether only wildcard rules name it: then the agent chose part of the name, and names are counted. */
  wildcardOnly(name: string): boolean {
    return this.rulesFor(name).every(({ rule }) => rule.host.startsWith('*.'));
  }

  /** Addresses from the contract's `resolve` (any class: they were written out), else from the machine's hosts file. */
  localAddresses(name: string): Admission | undefined {
    const written = this.#resolve.get(name);
    if (written) return { admitted: written, dropped: [] };
    const hosts = this.#hosts.get(name);
    return hosts && this.admit(hosts);
  }

  /** Drops the addresses that nobody wrote out: an upstream answer may only be public (DNS rebinding). */
  admit(addresses: readonly Address[]): Admission {
    const admission: Admission = { admitted: [], dropped: [] };
    for (const address of addresses) {
      const kind = classify(address);
      if (kind === 'public') admission.admitted.push(address);
      else admission.dropped.push(`${address.text} is ${kind}`);
    }
    return admission;
  }

  /** Every pin that an answer for `name` with these addresses needs. */
  pinsFor(name: string, addresses: readonly Address[]): PinRequest[] {
    return this.rulesFor(name).flatMap((match) =>
      addresses.map((address) => ({
        address: unmap(address),
        port: match.rule.port,
        transport: match.transport,
        name,
        literal: false,
        match,
      })),
    );
  }

  /** What is in force before the first query: addresses written as hosts, and names of `resolve`. */
  staticPins(): PinRequest[] {
    const literals = this.#rules.flatMap((match): PinRequest[] => {
      const parsed = parseAddress(match.rule.host);
      if (!parsed) return [];
      const address = unmap(parsed);
      const { port } = match.rule;
      return [{ address, port, transport: match.transport, name: address.text, literal: true, match }];
    });
    const named = [...this.#resolve].flatMap(([name, addresses]) => this.pinsFor(name, addresses));
    return [...literals, ...named];
  }
}

function table(source: Record<string, string[]>): Map<string, Address[]> {
  const result = new Map<string, Address[]>();
  for (const [host, texts] of Object.entries(source)) {
    const name = normaliseName(host);
    if (name === undefined) continue;
    const addresses = texts.flatMap((text) => parseAddress(text) ?? []);
    result.set(name, [...(result.get(name) ?? []), ...addresses]);
  }
  return result;
}
