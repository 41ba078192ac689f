/**
 * What Ringfence's records say about an attempt: findings, refusals, and whether they name who did it.
 *
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEvent } from '../../contract/index.ts';
import { readLedger } from '../../ledger/index.ts';
import type { Told } from '../job.ts';

/** All events of all runs below a state folder, run by run. */
export async function eventsBelow(state: string): Promise<LedgerEvent[]> {
  const runs = join(state, 'ringfence', 'runs');
  const events: LedgerEvent[] = [];
  if (!existsSync(runs)) return events;
  for (const run of readdirSync(runs).sort()) {
    const ledger = join(runs, run, 'ledger');
    if (!existsSync(ledger)) continue;
    for await (const event of readLedger(ledger, {}, { onUnreadable: () => {} })) events.push(event);
  }
  return events;
}

/** What the death of a process namespace’s first process sends to all others. */
const SIGKILL = 9;

const key = (event: LedgerEvent, seq = event.seq): string => `${event.run}:${seq}`;

/** Microseconds since 1970 of an RFC 3339 time with up to six digits of fraction. */
export function microseconds(time: string): number {
  const [seconds = '', fraction = ''] = time.replace(/Z$/, '').split('.');
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** What was not let through, in the words of the record; `undefined`: this event is no refusal. */
function refusalOf(event: LedgerEvent): string | undefined {
  switch (event.kind) {
    case 'denial':
      return `${event.layer}: ${event.what}`;
    case 'violation':
      return `violation: ${event.what}`;
    case 'tampering':
      return `tampering: ${event.what}`;
    case 'dns.query':
      return event.denied === undefined ? undefined : `dns: ${event.name}`;
    case 'http.request':
      return event.allowed ? undefined : `http: ${event.method} ${event.host}${event.path}`;
    case 'message':
      return event.state === 'refused' ? `message: ${event.labels?.join(', ') ?? ''}` : undefined;
    case 'tool.call':
      return event.decision === 'denied' ? `tool: ${event.tool}` : undefined;
    case 'limit.reached':
      return `limit: ${event.limit}`;
    default:
      return undefined;
  }
}

/** Programs that were there when the run’s own had ended, and ended with the cell: what was meant to go on, and did not. */
function leftRunning(events: readonly LedgerEvent[]): { what: string; attributed: boolean }[] {
  const programs = new Map<string, string>();
  const first = new Map<string, number>();
  const over = new Set<string>();
  return events.flatMap((event) => {
    if (event.kind === 'process.exec') {
      programs.set(`${event.run}:${event.owner.pid}`, event.path);
      if (!first.has(event.run)) first.set(event.run, event.owner.pid);
    }
    if (event.kind !== 'process.exit') return [];
    if (event.owner.pid === first.get(event.run)) over.add(event.run);
    if (!over.has(event.run) || event.signal !== SIGKILL) return [];
    const program = programs.get(`${event.run}:${event.owner.pid}`);
    return program === undefined ? [] : [{ what: `left running: ${program}`, attributed: true }];
  });
}

/** Whether the record names a process, a turn or a call for the event, by itself or by its flow. */
function namesOf(events: readonly LedgerEvent[]): (event: LedgerEvent | undefined) => boolean {
  const flows = new Set(
    events.flatMap((event) =>
      event.kind === 'flow.open' && event.owner ? [`${event.run}:${event.flow}`] : [],
    ),
  );
  return (event) => {
    if (event === undefined) return false;
    const { owner, flow, call, turn } = event as {
      owner?: object;
      flow?: string;
      call?: string;
      turn?: string;
    };
    const { context } = event as { context?: object };
    return (
      owner !== undefined ||
      call !== undefined ||
      turn !== undefined ||
      (context !== undefined && Object.keys(context).length > 0) ||
      (flow !== undefined && flows.has(`${event.run}:${flow}`))
    );
  };
}

/** Whether the record names who wrote one of the workspace's files that a text speaks of. */
function writersOf(events: readonly LedgerEvent[], workspace: string): (text: string) => boolean {
  const paths = events.flatMap((event) =>
    event.kind === 'file.change' && event.owner !== undefined ? [event.to ?? event.path, event.path] : [],
  );
  const below = paths.map((path) =>
    path.startsWith(`${workspace}/`) ? path.slice(workspace.length + 1) : path,
  );
  const names = [...new Set(below)];
  return (text) => names.some((name) => text.includes(name));
}

/**
 * What the events tell.
 *
 * @param marked paths of the workspace that the review marks
 */
export function tell(
  events: readonly LedgerEvent[],
  workspace: string,
  marked: readonly string[] = [],
): Told {
  const writes = writersOf(events, workspace);
  const byKey = new Map(events.map((event) => [key(event), event]));
  const names = namesOf(events);
  const found = events.filter((event) => event.kind === 'finding');
  const findings = found.map((event) => {
    const { rule, hazard, us, cites, pid, turn, call } = event;
    const named = pid !== undefined || turn !== undefined || call !== undefined;
    const attributed =
      named ||
      cites.some((seq) => names(byKey.get(key(event, seq)))) ||
      // a grading cites itself; whose files it speaks of, the record says
      writes(`${event.text}\n${event.diff ?? ''}`);
    return { rule, hazard, ...(us !== undefined && { us }), attributed };
  });
  const refused = events.flatMap((event) => {
    const what = refusalOf(event);
    return what === undefined ? [] : [{ what, attributed: names(event) }];
  });
  const refusals = [...refused, ...leftRunning(events)];
  // the answer shows as a freeze, as a program that a signal ended, or at last as the end of the run
  const isAnswer = (event: LedgerEvent): boolean =>
    (event.kind === 'control' && /^(freeze|kill|stop)$/.test(event.action)) ||
    (event.kind === 'process.exit' && event.signal !== undefined) ||
    event.kind === 'run.stop';
  const stops = found.flatMap((finding) => {
    if (!/^(freeze|stop|kill)$/.test(finding.response ?? '')) return [];
    const cited = byKey.get(key(finding, finding.cites.at(-1)));
    const answer = events.find(
      (event) => event.run === finding.run && event.seq > finding.seq && isAnswer(event),
    );
    return cited && answer ? [(microseconds(answer.time) - microseconds(cited.time)) / 1000] : [];
  });
  const last = events.findLast((event) => event.kind === 'run.stop');
  return {
    findings,
    refusals,
    marks: marked.map((what) => ({ what, attributed: writes(what) })),
    ...(stops[0] !== undefined && { stopped: stops[0] }),
    ...(last?.exit.code !== undefined && { exit: last.exit.code }),
  };
}
