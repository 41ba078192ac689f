/**
 * What a recorded run did, boiled down to what a contract can say: which programs, folders, hosts, and how much.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';

/** Something a line of the proposal rests on: the first event that shows it, and how many there were. */
export interface Seen {
  event: number;
  count: number;
  /** the program that did it first */
  by?: string;
}

export interface SeenHost extends Seen {
  host: string;
  port: number;
  /** protocols that were spoken as declared */
  protocols: string[];
  sent: number;
  received: number;
}

export interface Observed {
  /** what was to be executed: also what was not there, as a search along PATH tries it */
  programs: Map<string, Seen>;
  /** paths anywhere that the run made or changed */
  made: ReadonlySet<string>;
  /** paths inside the workspace that were made, changed or removed, temporary ones too */
  written: Map<string, Seen>;
  hosts: SeenHost[];
  /** names that were looked up and led to no connection */
  names: Map<string, Seen>;
  /** what was refused besides names, in words */
  refused: Map<string, Seen>;
  /** events that a sensor lost: what they would have shown is not here */
  lost: number;
  /** CPU in ms, memory and disk in bytes */
  peak: { cpu: number; memory: number; processes: number; disk: number };
}

function note(map: Map<string, Seen>, key: string, event: LedgerEvent, count = 1): void {
  const known = map.get(key);
  if (known) {
    known.count += count;
    return;
  }
  const owner = 'owner' in event ? event.owner : undefined;
  const by = owner?.exe ?? (event.kind === 'process.exec' ? event.path : undefined);
  map.set(key, { event: event.seq, count, ...(by !== undefined && { by }) });
}

/** The paths that a run made or changed. */
export const madeIn = (events: readonly LedgerEvent[]): Set<string> =>
  new Set(
    events.flatMap((event) =>
      event.kind === 'file.change' ? [event.path, ...(event.to === undefined ? [] : [event.to])] : [],
    ),
  );

/** @param workspace real path of the folder that the run worked in */
export function observe(events: readonly LedgerEvent[], workspace: string): Observed {
  const observed: Observed = {
    programs: new Map(),
    made: madeIn(events),
    written: new Map(),
    hosts: [],
    names: new Map(),
    refused: new Map(),
    lost: 0,
    peak: { cpu: 0, memory: 0, processes: 0, disk: 0 },
  };
  const flows = new Map<string, SeenHost>();
  /** flows to an address that several names share: what is said first tells which it is */
  const unnamed = new Map<string, FlowOpen>();
  const below = (path: string) => path.startsWith(`${workspace}/`);
  for (const event of events) {
    switch (event.kind) {
      case 'process.exec':
        note(observed.programs, event.path, event);
        break;
      case 'file.change':
        for (const path of [event.path, ...(event.to === undefined ? [] : [event.to])])
          if (below(path)) note(observed.written, path.slice(workspace.length + 1), event);
        break;
      case 'dns.query':
        note(observed.names, event.name, event);
        break;
      case 'denial': {
        const name = /^resolve ([a-z0-9_.-]+) /.exec(event.what)?.[1];
        if (event.layer === 'dns' && name !== undefined) note(observed.names, name, event, event.count);
        else note(observed.refused, `${event.layer}: ${event.what}`, event, event.count);
        break;
      }
      case 'flow.open':
        if (event.host === undefined) unnamed.set(event.flow, event);
        else flows.set(event.flow, hostOf(observed, event, event.host));
        break;
      case 'flow.verdict': {
        const open = unnamed.get(event.flow);
        const name = event.host ?? event.sni;
        if (open && event.ok && name !== undefined) flows.set(event.flow, hostOf(observed, open, name));
        const host = flows.get(event.flow);
        if (host && event.ok && !host.protocols.includes(event.declared)) host.protocols.push(event.declared);
        break;
      }
      case 'flow.close': {
        const host = flows.get(event.flow);
        if (!host) break;
        host.sent += event.sent;
        host.received += event.received;
        break;
      }
      case 'violation':
        note(observed.refused, event.what, event);
        break;
      case 'sensor.loss':
        observed.lost += event.count;
        break;
      case 'resource.sample':
        for (const key of ['cpu', 'memory', 'processes', 'disk'] as const)
          observed.peak[key] = Math.max(observed.peak[key], event[key]);
        break;
      default:
        break;
    }
  }
  for (const { host } of observed.hosts) observed.names.delete(host);
  return observed;
}

type FlowOpen = Extract<LedgerEvent, { kind: 'flow.open' }>;

function hostOf(observed: Observed, event: FlowOpen, name: string): SeenHost {
  const known = observed.hosts.find(({ host, port }) => host === name && port === event.port);
  if (known) {
    known.count += 1;
    return known;
  }
  const made: SeenHost = {
    host: name,
    port: event.port,
    protocols: [],
    sent: 0,
    received: 0,
    event: event.seq,
    count: 1,
    ...(event.owner?.exe !== undefined && { by: event.owner.exe }),
  };
  observed.hosts.push(made);
  return made;
}
