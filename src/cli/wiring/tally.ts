/**
 * What a run's summary and record are made from: counts, and the events a person wants to see again.
 *
 * @module
 */
import type { EventBody, LedgerEvent } from '../../contract/index.ts';

export interface Totals {
  events: number;
  processes: number;
  flows: number;
  queries: number;
  denials: number;
  violations: number;
  tampering: number;
  losses: number;
  findings: number;
  /** acts that judges were asked about, and those of them that they failed at */
  judgements: number;
  unjudged: number;
  sent: number;
  received: number;
}

const KEPT: ReadonlySet<EventBody['kind']> = new Set([
  'denial',
  'violation',
  'tampering',
  'flow.open',
  'limit.reached',
  'resource.sample',
  'finding',
  'judgement',
]);

type Kept<Kind extends EventBody['kind']> = Extract<LedgerEvent, { kind: Kind }>;

/** At most so many of a kind are kept in memory and in the record; the ledger has all. */
const KEEP = 1000;

export class Tally {
  readonly totals: Totals = {
    events: 0,
    processes: 0,
    flows: 0,
    queries: 0,
    denials: 0,
    violations: 0,
    tampering: 0,
    losses: 0,
    findings: 0,
    judgements: 0,
    unjudged: 0,
    sent: 0,
    received: 0,
  };
  readonly denials: Kept<'denial'>[] = [];
  readonly violations: (Kept<'violation'> | Kept<'tampering'>)[] = [];
  readonly flows: Kept<'flow.open'>[] = [];
  /** what rules found; `count` says how often it was seen again */
  readonly findings: Kept<'finding'>[] = [];
  /** what judges failed at: nothing is known of those acts */
  readonly unjudged: Kept<'judgement'>[] = [];
  readonly limits: Kept<'limit.reached'>[] = [];
  /** fetches of listed packages that failed, and how many there were in all */
  readonly unfetched: Kept<'package.fetch'>[] = [];
  fetches = 0;
  /** the last resource sample */
  resources: Kept<'resource.sample'> | undefined;

  readonly #denied = new Map<string, Kept<'denial'>>();

  /** Whether more of such an event is kept than its number. */
  static keeps(body: EventBody): boolean {
    return (
      KEPT.has(body.kind) ||
      (body.kind === 'package.fetch' && !body.ok) ||
      (body.kind === 'tool.call' && body.decision === 'denied')
    );
  }

  /** A denial like one that was added before. */
  again(body: EventBody): void {
    if (body.kind !== 'denial') return;
    this.totals.denials += 1;
    const first = this.#denied.get(denialKey(body));
    if (first) first.count = (first.count ?? 1) + 1;
  }

  add(event: LedgerEvent): void {
    const { totals } = this;
    totals.events += 1;
    switch (event.kind) {
      case 'process.exec':
        totals.processes += 1;
        break;
      case 'denial':
        this.#deny(event);
        break;
      case 'tool.call':
        if (event.decision === 'denied') this.#deny(deniedCall(event));
        break;
      case 'violation':
      case 'tampering':
        totals[event.kind === 'violation' ? 'violations' : 'tampering'] += 1;
        if (this.violations.length < KEEP) this.violations.push(event);
        break;
      case 'finding':
        this.#found(event);
        break;
      case 'judgement':
        totals.judgements += event.count ?? 1;
        if (event.score !== undefined) break;
        totals.unjudged += event.count ?? 1;
        if (this.unjudged.length < KEEP) this.unjudged.push(event);
        break;
      case 'flow.open':
        totals.flows += 1;
        if (this.flows.length < KEEP) this.flows.push(event);
        break;
      case 'flow.close':
        totals.sent += event.sent;
        totals.received += event.received;
        break;
      case 'dns.query':
        totals.queries += event.count ?? 1;
        break;
      case 'limit.reached':
        if (this.limits.length < KEEP) this.limits.push(event);
        break;
      case 'package.fetch':
        this.fetches += 1;
        if (!event.ok && this.unfetched.length < KEEP) this.unfetched.push(event);
        break;
      case 'sensor.loss':
        totals.losses += event.count;
        break;
      case 'resource.sample':
        this.resources = event;
        break;
      default:
        break;
    }
  }

  #deny(event: Kept<'denial'>): void {
    this.totals.denials += event.count ?? 1;
    const same = this.#denied.get(denialKey(event));
    if (same) {
      same.count = (same.count ?? 1) + (event.count ?? 1);
      return;
    }
    if (this.denials.length >= KEEP) return;
    this.denials.push(event);
    this.#denied.set(denialKey(event), event);
  }

  /** One with a number only says how often an earlier one was seen again. */
  #found(event: Kept<'finding'>): void {
    if (event.count !== undefined) {
      const first = this.findings.find(
        ({ rule, cites }) => rule === event.rule && cites.join() === event.cites.join(),
      );
      if (first) first.count = event.count;
      return;
    }
    this.totals.findings += 1;
    if (this.findings.length < KEEP) this.findings.push(event);
  }
}

type Denial = Extract<EventBody, { kind: 'denial' }>;

/** A call of a tool that was denied, as the denial that it is; its arguments are in the ledger. */
function deniedCall({
  seq,
  time,
  run,
  cell,
  context,
  server,
  tool,
  owner,
  clause,
}: Kept<'tool.call'>): Kept<'denial'> {
  const what = `call ${server === undefined ? '' : `${server}.`}${tool}`;
  return {
    ...{ seq, time, run, cell, ...(context && { context }) },
    ...{ kind: 'denial', layer: 'gateway', what, ...(clause !== undefined && { clause }) },
    ...(owner && { owner }),
  };
}

/** Two denials with the same key are the same to a person. */
const denialKey = (event: Denial): string => `${event.layer} ${event.what} ${event.owner?.exe ?? ''}`;

/** Repeated denials of the same thing by the same program are one line with a count, not a flood. */
export class DenialCoalescer {
  readonly #seen = new Map<string, { event: Denial; more: number }>();

  /** Whether the event is to be recorded now; later ones like it are counted. */
  admit(event: EventBody): boolean {
    if (event.kind !== 'denial') return true;
    const key = denialKey(event);
    const known = this.#seen.get(key);
    if (known) {
      known.more += 1;
      return false;
    }
    if (this.#seen.size > 20_000) return true;
    this.#seen.set(key, { event, more: 0 });
    return true;
  }

  /** What was counted and not recorded, as events with their number. */
  rest(): EventBody[] {
    return [...this.#seen.values()]
      .filter(({ more }) => more > 0)
      .map(({ event, more }) => ({ ...event, count: more, what: `${event.what} (again)` }));
  }
}
