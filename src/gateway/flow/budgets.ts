/**
 * What each network rule may still use: bytes both ways, and connections.
 *
 * @module
 */
import type { NetworkRule } from '../../contract/index.ts';

interface Account {
  bytes: number;
  connections: number;
  maxBytes: number;
  maxConnections: number;
  changed: boolean;
  /** for one connection alone, by an operator's word */
  once: boolean;
  /** the rule is no longer in force */
  ended: boolean;
}

export interface Exhausted {
  limit: 'bytes' | 'connections';
  used: number;
  max: number;
  /** nothing ran out: the rule is over, its one connection made or its time up */
  over?: boolean;
}

export class Budgets {
  readonly #accounts: Account[];

  constructor(rules: readonly NetworkRule[]) {
    this.#accounts = rules.map((rule) => account(rule, false));
  }

  /** Opens an account for one more rule. Returns its number. */
  add(rule: NetworkRule, once: boolean): number {
    return this.#accounts.push(account(rule, once)) - 1;
  }

  /** The rule is no longer in force: what turns out to be its own from now on may not be. */
  end(rule: number): void {
    (this.#accounts[rule] as Account).ended = true;
  }

  /** Whether the rule was for one connection, and that is made. */
  isSpent(rule: number): boolean {
    const { once, connections } = this.#accounts[rule] as Account;
    return once && connections > 0;
  }

  /** Whether the rule can carry nothing new: ended, or spent. */
  isOver(rule: number): boolean {
    return (this.#accounts[rule] as Account).ended || this.isSpent(rule);
  }

  /** A connection was counted that did not come about: one that was allowed once may be tried again. */
  release(rule: number): void {
    const account = this.#accounts[rule] as Account;
    if (account.once) account.connections -= 1;
  }

  /** Counts a connection; what is exhausted instead, when it may not be made. */
  connect(rule: number): Exhausted | undefined {
    const account = this.#accounts[rule] as Account;
    if (this.isOver(rule)) return { limit: 'connections', used: 1, max: 1, over: true };
    if (account.bytes >= account.maxBytes)
      return { limit: 'bytes', used: account.bytes, max: account.maxBytes };
    if (account.connections >= account.maxConnections) {
      return { limit: 'connections', used: account.connections + 1, max: account.maxConnections };
    }
    account.connections += 1;
    account.changed = true;
    return undefined;
  }

  /** Counts bytes; `false` when they pass the budget, and then they must not be forwarded. */
  spend(rule: number, bytes: number): boolean {
    const account = this.#accounts[rule] as Account;
    account.changed = true;
    if (account.bytes + bytes > account.maxBytes) {
      account.bytes = account.maxBytes;
      return false;
    }
    account.bytes += bytes;
    return true;
  }

  /**
   * Moves a connection (and its bytes so far) to the rule that it turns out to be of; what is exhausted instead, when
   * that one has none left. Names that share an address are told apart only by what is said first.
   */
  claim(from: number, to: number, bytes: number): Exhausted | undefined {
    const source = this.#accounts[from] as Account;
    const target = this.#accounts[to] as Account;
    if (from === to) return target.ended ? { limit: 'connections', used: 1, max: 1, over: true } : undefined;
    const exhausted = this.connect(to);
    if (exhausted) return exhausted;
    source.connections -= 1;
    source.bytes -= bytes;
    target.bytes += bytes;
    source.changed = true;
    return undefined;
  }

  max(rule: number): number {
    return (this.#accounts[rule] as Account).maxBytes;
  }

  /** Rules whose use changed since the last call. */
  changes(): { rule: number; bytes: number; connections: number }[] {
    return this.#accounts.flatMap((account, rule) => {
      if (!account.changed) return [];
      account.changed = false;
      return [{ rule, bytes: account.bytes, connections: account.connections }];
    });
  }
}

const account = ({ bytes, connections }: NetworkRule, once: boolean): Account => ({
  bytes: 0,
  connections: 0,
  maxBytes: bytes ?? Number.POSITIVE_INFINITY,
  maxConnections: connections ?? Number.POSITIVE_INFINITY,
  changed: false,
  once,
  ended: false,
});
