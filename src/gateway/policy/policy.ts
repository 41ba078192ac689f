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
  /** addresses that an operator wrote out, and the rules that they were written out for: no other rule leads there */
  readonly #given = new Map<string, { addresses: Address[]; rules: Set<number> }>();
  readonly #withdrawn = new Set<number>();
  readonly #isSpent: (index: number) => boolean;

  /** `isSpent` tells of rules that were for one connection, which was made. */
  constructor(
    config: Pick<GatewayConfig, 'network' | 'resolve' | 'hosts'>,
    isSpent: (index: number) => boolean = () => false,
  ) {
    this.#isSpent = isSpent;
    this.#rules = config.network.map(matchOf);
    this.#resolve = table(config.resolve);
    this.#hosts = table(config.hosts);
  }

  /** The rules that name this (normalised) host name; none: it does not resolve. */
  rulesFor(name: string): RuleMatch[] {
    return this.#rules.filter(
      ({ rule, index }) => !parseAddress(rule.host) && matchesName(rule.host, name) && this.#holds(index),
    );
  }

  /** Whether the rule of this number is in force: not withdrawn, not used up. */
  #holds(index: number): boolean {
    return !this.#withdrawn.has(index) && !this.#isSpent(index);
  }

  /** One more rule; `addresses` are written out for its host. */
  add(rule: NetworkRule, addresses: readonly string[], index: number): RuleMatch {
    const match = matchOf(rule, index);
    this.#rules.push(match);
    const name = normaliseName(rule.host);
    const written = addresses.flatMap((text) => parseAddress(text) ?? []);
    if (name !== undefined && written.length > 0 && !this.#resolve.has(name)) {
      const rules = this.#given.get(name)?.rules ?? new Set();
      this.#given.set(name, { addresses: written, rules: rules.add(index) });
    }
    return match;
  }

  /** Ends a rule. What it resolved to by an operator's word is forgotten with it. */
  withdraw(index: number): void {
    this.#withdrawn.add(index);
    const host = this.#rules.find((match) => match.index === index)?.rule.host;
    const name = host === undefined ? undefined : normaliseName(host);
    const given = name === undefined ? undefined : this.#given.get(name);
    if (name === undefined || !given) return;
    given.rules.delete(index);
    if (given.rules.size === 0) this.#given.delete(name);
  }

  #givenFor(name: string): { addresses: Address[]; rules: Set<number> } | undefined {
    const given = this.#given.get(name);
    return given && [...given.rules].some((index) => this.#holds(index)) ? given : undefined;
  }

  /** Whether only wildcard rules name it: then the agent chose part of the name, and names are counted. */
  wildcardOnly(name: string): boolean {
    return this.rulesFor(name).every(({ rule }) => rule.host.startsWith('*.'));
  }

  /** Addresses that the contract or an operator wrote out (of any class), else from the machine's hosts file. */
  localAddresses(name: string): Admission | undefined {
    const written = this.#resolve.get(name) ?? this.#givenFor(name)?.addresses;
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
    const given = this.#givenFor(name);
    const rules = this.rulesFor(name).filter(({ index }) => !given || given.rules.has(index));
    return rules.flatMap((match) =>
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
    const literals = this.#rules.flatMap(literalPins);
    const named = [...this.#resolve].flatMap(([name, addresses]) => this.pinsFor(name, addresses));
    return [...literals, ...named];
  }

  /** What a rule that was added puts in force at once. */
  pinsOf(match: RuleMatch): PinRequest[] {
    const literals = literalPins(match);
    const addresses = this.#resolve.get(match.rule.host) ?? this.#givenFor(match.rule.host)?.addresses;
    return addresses ? [...literals, ...this.pinsFor(match.rule.host, addresses)] : literals;
  }
}

const matchOf = (rule: NetworkRule, index: number): RuleMatch => ({
  index,
  rule,
  clause: `network[${index}]`,
  transport: rule.protocol === 'udp' ? 'udp' : 'tcp',
});

/** The pin of a rule whose host is an address. */
function literalPins(match: RuleMatch): PinRequest[] {
  const parsed = parseAddress(match.rule.host);
  if (!parsed) return [];
  const address = unmap(parsed);
  const { port } = match.rule;
  return [{ address, port, transport: match.transport, name: address.text, literal: true, match }];
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
