/**
 * The pins: which address, port and transport stands for which names. A pin holds for the whole run, because a
 * program may keep an address longer than its TTL; the supervisor has the same table.
 *
 * @module
 */
import type { PinRequest, RuleMatch, Transport } from './policy.ts';

/** One meaning of a pinned address: the name it was resolved for, and the rule that allows it. */
export interface Candidate {
  name: string;
  /** the contract names the address itself; `name` is then its canonical spelling */
  literal: boolean;
  match: RuleMatch;
}

/** Bounds the table, below the supervisor's own (`native/rf.h`): a wildcard rule and a generous resolver must not fill it. */
export const MAX_PINS = 16_000;

interface Entry {
  candidates: Candidate[];
  confirmed: Promise<void>;
}

export class Pins {
  readonly #entries = new Map<string, Entry>();
  readonly #addresses = new Map<string, Map<string, 4 | 6>>();
  readonly #confirm: (pin: PinRequest) => Promise<void>;

  /** `confirm` sends one new pin to the supervisor and resolves once it is in force. */
  constructor(confirm: (pin: PinRequest) => Promise<void>) {
    this.#confirm = confirm;
  }

  /** Puts all pins in force; `false` when the table is full, and then nothing was added. */
  async add(pins: readonly PinRequest[]): Promise<boolean> {
    const fresh = new Set(pins.map(keyOf).filter((key) => !this.#entries.has(key)));
    if (this.#entries.size + fresh.size > MAX_PINS) return false;
    await Promise.all(pins.map((pin) => this.#addOne(pin)));
    return true;
  }

  #addOne(pin: PinRequest): Promise<void> {
    const key = keyOf(pin);
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { candidates: [], confirmed: this.#confirm(pin) };
      this.#entries.set(key, entry);
    }
    const known = entry.candidates.some((c) => c.name === pin.name && c.match.index === pin.match.index);
    if (!known) entry.candidates.push({ name: pin.name, literal: pin.literal, match: pin.match });
    const addresses = this.#addresses.get(pin.name) ?? new Map<string, 4 | 6>();
    addresses.set(pin.address.text, pin.address.family);
    this.#addresses.set(pin.name, addresses);
    return entry.confirmed;
  }

  /** Takes a rule's meanings away. The supervisor keeps the address, and a flow to it is refused here. */
  withdraw(rule: number): void {
    const names = new Set<string>();
    for (const entry of this.#entries.values()) {
      for (const { name, match } of entry.candidates) if (match.index === rule) names.add(name);
      entry.candidates = entry.candidates.filter(({ match }) => match.index !== rule);
    }
    const left = new Set(
      [...this.#entries.values()].flatMap(({ candidates }) => candidates.map(({ name }) => name)),
    );
    for (const name of names) if (!left.has(name)) this.#addresses.delete(name);
  }

  /** What a flow to this (canonical) address may be; empty: nobody resolved it. */
  candidates(address: string, port: number, transport: Transport): readonly Candidate[] {
    return this.#entries.get(`${transport} ${port} ${address}`)?.candidates ?? [];
  }

  /** Addresses that serve every one of the names: where a dial may go instead of the wanted address. */
  shared(names: readonly string[]): string[] {
    const [first, ...rest] = names.map((name) => this.#addresses.get(name) ?? new Map<string, 4 | 6>());
    if (!first) return [];
    return [...first.keys()].filter((address) => rest.every((other) => other.has(address)));
  }

  get size(): number {
    return this.#entries.size;
  }
}

function keyOf(pin: PinRequest): string {
  return `${pin.transport} ${pin.port} ${pin.address.text}`;
}
