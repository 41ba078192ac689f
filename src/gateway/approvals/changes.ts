/**
 * Changes of the running contract: rules that an operator added, and their end. A rule keeps its number for good, so
 * that events name it without doubt; one that ended is only skipped.
 *
 * @module
 */
import type { OperatorOrder } from '../../contract/index.ts';
import type { Budgets } from '../flow/budgets.ts';
import type { TcpFlows } from '../flow/registry.ts';
import type { UdpFlows } from '../flow/udp-flows.ts';
import type { Pins } from '../policy/pins.ts';
import type { Policy } from '../policy/policy.ts';
import type { Reporter } from '../reporter.ts';
import type { Questions } from './questions.ts';

/** setTimeout counts in 31 bits. */
const LONGEST_TIMER = 2 ** 31 - 1;

export interface ChangeTargets {
  policy: Policy;
  pins: Pins;
  budgets: Budgets;
  reporter: Reporter;
  tcp: TcpFlows;
  udp: UdpFlows;
  questions: Questions;
}

type Added = Omit<Extract<OperatorOrder, { order: 'rule' }>, 'order'>;

export class Changes {
  readonly #targets: ChangeTargets;
  readonly #once: number[] = [];

  constructor(targets: ChangeTargets) {
    this.#targets = targets;
  }

  /** Does what an operator said. */
  async obey(order: OperatorOrder): Promise<void> {
    const { questions, budgets } = this.#targets;
    const rule = questions.ruleOf(order);
    if (rule) await this.add({ ...order, rule });
    // it has a number on record: what comes after it must not get that
    else if (order.rule) budgets.end(budgets.add(order.rule, false));
    questions.obey(order);
  }

  /** Puts one more rule in force. */
  async add(order: Added): Promise<void> {
    const { policy, pins, budgets, reporter } = this.#targets;
    const { rule, addresses = [], until, once = false } = order;
    for (const index of this.#once) if (budgets.isSpent(index)) pins.withdraw(index);
    const index = budgets.add(rule, once);
    if (once) this.#once.push(index);
    const match = policy.add(rule, addresses, index);
    if (!(await pins.add(policy.pinsOf(match)))) {
      policy.withdraw(index);
      reporter.event({
        kind: 'denial',
        layer: 'gateway',
        what: `${rule.host}: the table of pinned addresses is full, so the rule is not in force`,
        clause: match.clause,
      });
    }
    if (until !== undefined) this.#endAt(index, until);
  }

  /** The rule ends with its flows: an approval for ten minutes is not one for as long as a connection can be held. */
  #endAt(index: number, until: number): void {
    const left = until - Date.now();
    if (left > LONGEST_TIMER) {
      setTimeout(() => this.#endAt(index, until), LONGEST_TIMER).unref();
      return;
    }
    setTimeout(() => this.#end(index), Math.max(0, left)).unref();
  }

  #end(index: number): void {
    const { policy, pins, budgets, tcp, udp } = this.#targets;
    budgets.end(index);
    policy.withdraw(index);
    pins.withdraw(index);
    tcp.endRule(index, 'its approval ended');
    udp.endRule(index, 'its approval ended');
  }
}
