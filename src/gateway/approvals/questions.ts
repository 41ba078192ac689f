/**
 * Questions to the operator: one for each name, however many processes wait for it, bounded in number and rate, so
 * that an agent can neither bury a person in questions nor hold up another process by asking.
 *
 * @module
 */
import type { GatewayMessage, NetworkRule, Owner } from '../../contract/index.ts';

/** Questions that wait for an answer at once. */
export const MAX_PENDING = 8;
/** Queries that wait for one answer; others of that name get none, and their resolver asks again. */
export const MAX_WAITING = 64;
/** Questions that may be asked in a row, and how many are allowed anew each minute. */
const BURST = 16;
const PER_MINUTE = 12;
/** Milliseconds for which a name that was denied once is not asked about again: the other family, the retry. */
const REST_MS = 3000;
/** Names whose answer is remembered. */
const MAX_NAMES = 4096;
/** Milliseconds beyond the patience after which a question that nobody closed is denied here. */
const GRACE_MS = 5000;

/** What became of a query: `allow` it, `deny` it, or `drop` it without an answer. `why` is for the operator. */
export type Decision = { do: 'allow' } | { do: 'deny'; why: string } | { do: 'drop' };

/** What is asked about. `name` and `effect` together are one subject, asked about once however many wait. */
export interface Subject {
  effect: 'network.new-host' | 'packages.new';
  name: string;
  what: string;
  /** what a plain yes adds */
  rule?: NetworkRule;
}

interface Open {
  key: string;
  subject: Subject;
  waiting: Set<string>;
  settle: (decision: Decision) => void;
  decision: Promise<Decision>;
  timer: NodeJS.Timeout;
}

const HOST = 'network.new-host ';
const keyOf = ({ effect, name }: Subject): string => `${effect} ${name}`;

/** A name that no rule knows. */
export const newHost = (name: string): Subject => ({
  effect: 'network.new-host',
  name,
  what: `resolve ${name}`,
  rule: { host: name, port: 443, protocol: 'https' },
});

export class Questions {
  readonly #send: (message: GatewayMessage) => void;
  readonly #patience: number;
  readonly #open = new Map<number, Open>();
  readonly #byKey = new Map<string, number>();
  /** subjects that were denied, and until when (performance.now) */
  readonly #denied = new Map<string, { until: number; why: string }>();
  #asked = 0;
  #tokens = BURST;
  #refilled = performance.now();

  /** @param patience milliseconds that a question waits */
  constructor(send: (message: GatewayMessage) => void, patience: number) {
    this.#send = send;
    this.#patience = patience;
  }

  /**
   * Waits for the operator's word.
   *
   * @param query what tells a query from its own repetition: both get the one answer
   */
  async ask(subject: Subject, query: string, owner: Owner | undefined): Promise<Decision> {
    const key = keyOf(subject);
    const denied = this.#denied.get(key);
    if (denied && denied.until > performance.now()) return { do: 'deny', why: denied.why };
    const number = this.#byKey.get(key) ?? this.#question(subject, owner);
    const open = number === undefined ? undefined : this.#open.get(number);
    if (!open) return { do: 'deny', why: 'not asked: too many questions' };
    if (open.waiting.has(query) || open.waiting.size >= MAX_WAITING) return { do: 'drop' };
    open.waiting.add(query);
    return await open.decision;
  }

  #question(subject: Subject, owner: Owner | undefined): number | undefined {
    if (this.#open.size >= MAX_PENDING || !this.#takeToken()) return undefined;
    this.#asked += 1;
    const key = keyOf(subject);
    const number = this.#asked;
    let settle: (decision: Decision) => void = () => {};
    const decision = new Promise<Decision>((resolve) => {
      settle = resolve;
    });
    const timer = setTimeout(() => this.deny(number, 'nobody answered'), this.#patience + GRACE_MS);
    this.#open.set(number, { key, subject, waiting: new Set(), settle, decision, timer });
    this.#byKey.set(key, number);
    const { effect, what, rule } = subject;
    this.#send({
      type: 'ask',
      question: number,
      effect,
      what,
      ...(rule && { rule }),
      ...(owner && { owner }),
    });
    return number;
  }

  /** Lets all that wait for the answer go on. */
  allow(question: number): void {
    const open = this.#close(question);
    if (!open) return;
    this.#denied.delete(open.key);
    open.settle({ do: 'allow' });
  }

  /** @param until milliseconds since 1970 before which the name is not asked about again; absent: only for a moment */
  deny(question: number, why: string, until?: number): void {
    const open = this.#close(question);
    if (!open) return;
    const rest = until === undefined ? REST_MS : Math.max(REST_MS, until - Date.now());
    this.#makeRoom();
    this.#denied.set(open.key, { until: performance.now() + rest, why });
    open.settle({ do: 'deny', why });
  }

  /** A rule was added: questions about hosts that it answers need no other answer, and what was denied before no longer is. */
  settle(names: (name: string) => boolean): void {
    const isAnswered = (key: string) => key.startsWith(HOST) && names(key.slice(HOST.length));
    for (const [key, number] of [...this.#byKey]) if (isAnswered(key)) this.allow(number);
    for (const key of [...this.#denied.keys()]) if (isAnswered(key)) this.#denied.delete(key);
  }

  /** Forgets what no longer holds, and then the oldest: a no for the rest of the run is not to be washed out by others. */
  #makeRoom(): void {
    if (this.#denied.size < MAX_NAMES) return;
    const time = performance.now();
    for (const [key, { until }] of this.#denied) if (until <= time) this.#denied.delete(key);
    const [oldest] = this.#denied.keys();
    if (this.#denied.size >= MAX_NAMES && oldest !== undefined) this.#denied.delete(oldest);
  }

  #close(question: number): Open | undefined {
    const open = this.#open.get(question);
    if (!open) return undefined;
    clearTimeout(open.timer);
    this.#open.delete(question);
    this.#byKey.delete(open.key);
    return open;
  }

  #takeToken(): boolean {
    const time = performance.now();
    this.#tokens = Math.min(BURST, this.#tokens + ((time - this.#refilled) / 60_000) * PER_MINUTE);
    this.#refilled = time;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
