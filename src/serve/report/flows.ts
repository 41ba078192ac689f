/**
 * Flows of a run: what left the cell, where to, how it was judged, how much it carried.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';
import { BOUNDS, bounded } from './bounds.ts';

export interface FlowRow {
  id: string;
  /** number of the event that opened it */
  seq: number;
  /** microseconds since the run’s first event; `to` is absent while it is open */
  from: number;
  to?: number;
  pid?: number;
  program: string;
  host: string;
  place: string;
  declared: string;
  protocol: string;
  ok?: boolean;
  shape: string;
  sent?: number;
  received?: number;
  requests: number;
  reason: string;
}

export class FlowTable {
  readonly rows: FlowRow[] = [];
  /** how many there were */
  all = 0;
  readonly #byId = new Map<string, number>();

  /** Row of a flow; -1: it has none. */
  rowOf(id: string): number {
    return this.#byId.get(id) ?? -1;
  }

  add(event: LedgerEvent, time: number): void {
    if (event.kind === 'flow.open') {
      this.#open(event, time);
      return;
    }
    const id = 'flow' in event ? event.flow : undefined;
    const row = id === undefined ? undefined : this.rows[this.rowOf(id)];
    if (!row) return;
    if (event.kind === 'flow.verdict') {
      row.protocol = bounded(event.protocol, 60);
      row.ok = event.ok && row.ok !== false;
      if (event.host !== undefined || event.sni !== undefined)
        row.host ||= bounded(event.host ?? event.sni, 255);
    } else if (event.kind === 'flow.shape') row.shape = bounded(event.shape, 60);
    else if (event.kind === 'http.request') row.requests += 1;
    else if (event.kind === 'violation') row.ok = false;
    else if (event.kind === 'flow.close') {
      row.to = time;
      row.sent = Number(event.sent);
      row.received = Number(event.received);
      row.reason = bounded(event.reason, 200);
    }
  }

  #open(event: Extract<LedgerEvent, { kind: 'flow.open' }>, time: number): void {
    this.all += 1;
    if (this.rows.length >= BOUNDS.flows) return;
    this.#byId.set(event.flow, this.rows.length);
    const { owner } = event;
    this.rows.push({
      id: bounded(event.flow, 60),
      seq: event.seq,
      from: time,
      ...(owner && { pid: Number(owner.pid) }),
      program: bounded(owner?.exe ?? owner?.argv?.[0] ?? '', 100),
      host: bounded(event.host ?? '', 255),
      place: bounded(`${event.address}:${event.port}/${event.transport}`, 80),
      declared: bounded(event.declared ?? '', 40),
      ...{ protocol: '', shape: '', reason: '', requests: 0 },
    });
  }
}
