/**
 * Events out of the gateway. A flood of like events becomes a few and one with a count, so that an agent cannot
 * drown the ledger or the gateway in its own denials.
 *
 * @module
 */
import type { EventBody, GatewayMessage } from '../contract/index.ts';

/** Events of one key that go out one by one within a window; the rest are counted. */
const BURST = 8;
/** Different look-ups beyond that which keep a count of their own. */
const DISTINCT = 16;
/** As {@link BURST}, for what is allowed and wanted one by one as long as that is possible. */
const GENEROUS_BURST = 256;
const WINDOW_MS = 1000;
const MAX_KEYS = 512;

interface Window {
  sent: number;
  suppressed: number;
  last: EventBody;
  /** look-ups that say the same, counted: nothing is lost with them */
  alike: Map<string, { event: LookUp; count: number }>;
}

type LookUp = Extract<EventBody, { kind: 'dns.query' }>;

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
    this.#coalesce(key, event, BURST);
  }

  /** As {@link coalesced}, for the ordinary events of work: hundreds a second go out one by one. */
  bounded(key: string, event: EventBody): void {
    this.#coalesce(key, event, GENEROUS_BURST);
  }

  #coalesce(key: string, event: EventBody, burst: number): void {
    const bounded = this.#windows.size < MAX_KEYS || this.#windows.has(key) ? key : 'others';
    const window = this.#windows.get(bounded);
    if (window && window.sent >= burst) {
      if (countsAlike(window, event)) return;
      window.suppressed += 1;
      window.last = event;
      return;
    }
    if (window) window.sent += 1;
    else this.#windows.set(bounded, { sent: 1, suppressed: 0, last: event, alike: new Map() });
    this.event(event);
  }

  budget(rule: number, bytes: number, connections: number): void {
    this.#send({ type: 'budget', rule, bytes, connections });
  }

  /** Sends what was counted and opens new windows. */
  flush(): void {
    for (const { suppressed, last, alike } of this.#windows.values()) {
      for (const { event, count } of alike.values()) this.event({ ...event, count });
      if (suppressed > 0) this.event(withCount(last, suppressed));
    }
    this.#windows.clear();
  }
}

/** Programs look the same name up for every request: that is a number, not a loss. */
function countsAlike({ alike }: Window, event: EventBody): boolean {
  if (event.kind !== 'dns.query') return false;
  const { ttl: _, ...what } = event; // it runs down
  const key = JSON.stringify(what);
  const known = alike.get(key);
  if (known) known.count += 1;
  else if (alike.size < DISTINCT) alike.set(key, { event, count: 1 });
  else return false;
  return true;
}

function withCount(event: EventBody, count: number): EventBody {
  if (event.kind === 'denial') return { ...event, count: (event.count ?? 0) + count };
  if (event.kind === 'tampering') return { ...event, what: `${event.what} (${count} like it)` };
  if (event.kind === 'http.request') return { ...event, detail: `and ${count - 1} more of this rule` };
  if (event.kind === 'secret.use') return event;
  return { kind: 'sensor.loss', sensor: 'gateway', reason: `${event.kind} events too fast to list`, count };
}
