/**
 * Questions to the operator: one for each name, however many processes wait for it, bounded in number and rate, so
 * that an agent can neither bury a person in questions nor hold up another process by asking. The decisions are
 * `machine.ts`; here are its clock, its timers and those who wait.
 *
 * @module
 */
import type { GatewayMessage, NetworkRule, OperatorOrder, Owner } from '../../contract/index.ts';
import {
  type Bounds,
  type Decision,
  newQuestions,
  type QuestionsEffect,
  type QuestionsInput,
  type QuestionsState,
  ruleOf,
  type Subject,
  stepQuestions,
} from './machine.ts';

export type { Decision, Subject } from './machine.ts';

/** Milliseconds beyond the operator's patience after which a question that nobody closed is denied here. */
const GRACE_MS = 5000;

/** See {@link Bounds}; the patience is the contract's. */
export const BOUNDS: Omit<Bounds, 'patience'> = {
  pending: 8,
  waiting: 64,
  burst: 16,
  perMinute: 12,
  rest: 3000,
  names: 4096,
};

/** What waits without a connection that would tell when it does not any more: the end of its process does. */
const OF_PROCESS: readonly string[] = ['network.new-host', 'packages.new'];

interface Waiting {
  settle: (decision: Decision) => void;
  decision: Promise<Decision>;
  timer?: NodeJS.Timeout;
}

/** A name that no rule knows. */
export const newHost = (name: string): Subject => ({
  effect: 'network.new-host',
  name,
  what: `resolve ${name}`,
  rule: { host: name, port: 443, protocol: 'https' },
});

export class Questions {
  readonly #send: (message: GatewayMessage) => void;
  readonly #bounds: Bounds;
  readonly #state: QuestionsState;
  readonly #waiting = new Map<number, Waiting>();
  /** query → process that waits for it */
  readonly #askers = new Map<string, number>();

  /** @param patience milliseconds that a question waits */
  constructor(send: (message: GatewayMessage) => void, patience: number) {
    this.#send = send;
    this.#bounds = { ...BOUNDS, patience: patience + GRACE_MS };
    this.#state = newQuestions(this.#bounds, performance.now());
  }

  /**
   * Waits for the operator's word.
   *
   * @param query what tells a query from its own repetition: both get the one answer
   */
  async ask(subject: Subject, query: string, owner: Owner | undefined): Promise<Decision> {
    let decision: Decision | Promise<Decision> = { do: 'deny', why: 'not asked' };
    for (const effect of this.#step({ do: 'ask', subject, query, owner, now: performance.now() })) {
      if (effect.do === 'reply') decision = effect.decision;
      if (effect.do === 'join') {
        decision = this.#wait(effect.question).decision;
        if (owner && OF_PROCESS.includes(subject.effect)) this.#askers.set(query, owner.pid);
      }
    }
    return await decision;
  }

  /** Whoever asked is gone: a question that only it waited for is withdrawn. */
  leave(query: string): void {
    this.#step({ do: 'leave', query });
  }

  /** A process ended, and with it all that it waited for. */
  gone(pid: number): void {
    for (const [query, asker] of this.#askers)
      if (asker === pid) {
        this.#askers.delete(query);
        this.leave(query);
      }
  }

  /** Does what an operator said; the rule that came with it is in force. */
  obey(order: OperatorOrder): void {
    this.#step({ do: 'order', order, now: performance.now(), wall: Date.now() });
  }

  /** The rule that an order puts in force, before it is obeyed here. */
  ruleOf(order: OperatorOrder): NetworkRule | undefined {
    return ruleOf(this.#state, order);
  }

  #step(input: QuestionsInput): QuestionsEffect[] {
    const effects = stepQuestions(this.#state, this.#bounds, input);
    for (const effect of effects) this.#perform(effect);
    return effects;
  }

  #perform(effect: QuestionsEffect): void {
    if (effect.do === 'send') this.#send(effect.message);
    if (effect.do === 'wait') {
      const { question, ms } = effect;
      const expire = () => this.#step({ do: 'expire', question, now: performance.now() });
      this.#wait(question).timer = setTimeout(expire, ms);
    }
    if (effect.do === 'decide') {
      const { settle, timer } = this.#wait(effect.question);
      clearTimeout(timer);
      this.#waiting.delete(effect.question);
      for (const query of effect.waiting) this.#askers.delete(query);
      settle(effect.decision);
    }
  }

  #wait(question: number): Waiting {
    const known = this.#waiting.get(question);
    if (known) return known;
    let settle: (decision: Decision) => void = () => {};
    const decision = new Promise<Decision>((resolve) => {
      settle = resolve;
    });
    const waiting = { settle, decision };
    this.#waiting.set(question, waiting);
    return waiting;
  }
}
