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

interface Open {
  name: string;
  waiting: Set<string>;
  settle: (decision: Decision) => void;
  decision: Promise<Decision>;
  timer: NodeJS.Timeout;
}

export class Questions {
  readonly #send: (message: GatewayMessage) => void;
  readonly #patience: number;
  readonly #open = new Map<number, Open>();
  readonly #byName = new Map<string, number>();
  /** names that were denied, and until when (performance.now) */
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
   * Waits for the operator's word on a name that no rule knows.
   *
   * @param query what tells a query from its own repetition: both get the one answer
   */
  async ask(name: string, query: string, owner: Owner | undefined): Promise<Decision> {
    const denied = this.#denied.get(name);
    if (denied && denied.until > performance.now()) return { do: 'deny', why: denied.why };
    const number = this.#byName.get(name) ?? this.#question(name, owner);
    const open = number === undefined ? undefined : this.#open.get(number);
    if (!open) return { do: 'deny', why: 'not asked: too many questions' };
    if (open.waiting.has(query) || open.waiting.size >= MAX_WAITING) return { do: 'drop' };
    open.waiting.add(query);
    return await open.decision;
  }

  /** Whether a question about this name waits. */
  isOpen(name: string): boolean {
    return this.#byName.has(name);
  }

  #question(name: string, owner: Owner | undefined): number | undefined {
    if (this.#open.size >= MAX_PENDING || !this.#takeToken()) return undefined;
    this.#asked += 1;
    const number = this.#asked;
    let settle: (decision: Decision) => void = () => {};
    const decision = new Promise<Decision>((resolve) => {
      settle = resolve;
    });
    const timer = setTimeout(() => this.deny(number, 'nobody answered'), this.#patience + GRACE_MS);
    this.#open.set(number, { name, waiting: new Set(), settle, decision, timer });
    this.#byName.set(name, number);
    const rule: NetworkRule = { host: name, port: 443, protocol: 'https' };
    const message = { question: number, effect: 'network.new-host', what: `resolve ${name}`, rule } as const;
    this.#send({ type: 'ask', ...message, ...(owner && { owner }) });
    return number;
  }

  /** The name of an open question. */
  nameOf(question: number): string | undefined {
    return this.#open.get(question)?.name;
  }

  /** Lets all that wait for the answer go on. */
  allow(question: number): void {
    const open = this.#close(question);
    if (!open) return;
    this.#denied.delete(open.name);
    open.settle({ do: 'allow' });
  }

  /** @param until milliseconds since 1970 before which the name is not asked about again; absent: only for a moment */
  deny(question: number, why: string, until?: number): void {
    const open = this.#close(question);
    if (!open) return;
    const rest = until === undefined ? REST_MS : Math.max(REST_MS, until - Date.now());
    if (this.#denied.size >= MAX_NAMES) this.#denied.clear();
    this.#denied.set(open.name, { until: performance.now() + rest, why });
    open.settle({ do: 'deny', why });
  }

  /** A rule was added: questions it answers need no other answer, and what was denied before no longer is. */
  settle(names: (name: string) => boolean): void {
    for (const [name, number] of [...this.#byName]) if (names(name)) this.allow(number);
    for (const name of [...this.#denied.keys()]) if (names(name)) this.#denied.delete(name);
  }

  #close(question: number): Open | undefined {
    const open = this.#open.get(question);
    if (!open) return undefined;
    clearTimeout(open.timer);
    this.#open.delete(question);
    this.#byName.delete(open.name);
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
