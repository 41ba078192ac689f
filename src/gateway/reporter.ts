/**
 * Events out of the gateway. A flood of like events becomes a few and one with a count, so that an agent cannot
 * drown the ledger or the gateway in its own denials.
 *
 * @module
 */
import type { EventBody, GatewayMessage } from '../contract/index.ts';

/** Events of one key that go out one by one within a window; the rest are counted. */
const BURST = 8;
const WINDOW_MS = 1000;
const MAX_KEYS = 512;

interface Window {
  sent: number;
  suppressed: number;
  last: EventBody;
}

/** CLOCK_REALTIME in microseconds, as the supervisor's events carry it. */
export const now = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);

export class Reporter {
  readonly #send: (message: GatewayMessage) => void;
  readonly #windows = new Map<string, Window>();

  constructor(send: (message: GatewayMessage) => void) {
    this.#send = send;
    setInterval(() => this.flush(), WINDOW_MS).unref();
  }

  event(event: EventBody): void {
    this.#send({ type: 'event', time: now(), event });
  }

  /** As {@link event}, but counted together with others of its key once they come too fast. */
  coalesced(key: string, event: EventBody): void {
    const bounded = this.#windows.size < MAX_KEYS || this.#windows.has(key) ? key : 'others';
    const window = this.#windows.get(bounded);
    if (window && window.sent >= BURST) {
      window.suppressed += 1;
      window.last = event;
      return;
    }
    if (window) window.sent += 1;
    else this.#windows.set(bounded, { sent: 1, suppressed: 0, last: event });
    this.event(event);
  }

  budget(rule: number, bytes: number, connections: number): void {
    this.#send({ type: 'budget', rule, bytes, connections });
  }

  /** Sends what was counted and opens new windows. */
  flush(): void {
    for (const { suppressed, last } of this.#windows.values()) {
      if (suppressed > 0) this.event(withCount(last, suppressed));
    }
    this.#windows.clear();
  }
}

function withCount(event: EventBody, count: number): EventBody {
  if (event.kind === 'denial') return { ...event, count: (event.count ?? 0) + count };
  if (event.kind === 'tampering') return { ...event, what: `${event.what} (${count} like it)` };
  return { kind: 'sensor.loss', sensor: 'gateway', reason: `${event.kind} events too fast to list`, count };
}
