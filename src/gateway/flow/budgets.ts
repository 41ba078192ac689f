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
}

export interface Exhausted {
  limit: 'bytes' | 'connections';
  used: number;
  max: number;
  /** it was for one connection: nothing ran out, the rule is over */
  once?: boolean;
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

  /** Whether the rule was for one connection, and that is made. */
  isSpent(rule: number): boolean {
    const { once, connections } = this.#accounts[rule] as Account;
    return once && connections > 0;
  }

  /** A connection was counted that did not come about: one that was allowed once may be tried again. */
  release(rule: number): void {
    const account = this.#accounts[rule] as Account;
    if (account.once) account.connections -= 1;
  }

  /** Counts a connection; what is exhausted instead, when it may not be made. */
  connect(rule: number): Exhausted | undefined {
    const account = this.#accounts[rule] as Account;
    if (this.isSpent(rule)) return { limit: 'connections', used: 1, max: 1, once: true };
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

  /** Moves a connection (and its bytes so far) to the rule that the verdict selected. */
  move(from: number, to: number, bytes: number): void {
    if (from === to) return;
    const source = this.#accounts[from] as Account;
    const target = this.#accounts[to] as Account;
    source.connections -= 1;
    source.bytes -= bytes;
    target.connections += 1;
    target.bytes += bytes;
    source.changed = true;
    target.changed = true;
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
});
