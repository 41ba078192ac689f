/**
 * What a person reads at the start and at the end of a run.
 *
 * @module
 */
import type { AppliedLimit } from '../../cell/plan/index.ts';
import { type Contract, formatDuration, formatSize, type LedgerEvent } from '../../contract/index.ts';
import type { Coverage } from '../../contract/never.ts';
import { safe } from '../text.ts';
import type { Tally } from './tally.ts';

export interface StartFacts {
  id: string;
  contract: Contract;
  path: string;
  workspace: string;
  limits: Record<string, AppliedLimit>;
  never: Partial<Record<string, Coverage>>;
}

function list(words: readonly string[]): string {
  return words.length === 0 ? 'none' : words.join(', ');
}

/** Two or three lines: which contract, what it opens, and per hazard what this run does about it. */
export function startLines({ id, contract, path, workspace, limits, never }: StartFacts): string[] {
  const hosts = contract.network.map((rule) => `${rule.host}:${rule.port}`);
  const network =
    hosts.length === 0
      ? 'no network'
      : `network only ${hosts.slice(0, 3).join(', ')}${hosts.length > 3 ? ` and ${hosts.length - 3} more` : ''}`;
  const supervised = Object.entries(limits)
    .filter(([, { by }]) => by === 'supervised')
    .map(([name]) => name);
  const by = (state: Coverage['state']) =>
    Object.entries(never)
      .filter(([, coverage]) => coverage?.state === state)
      .map(([hazard]) => hazard);
  return [
    `run ${id} in contract ${safe(contract.name)} (${safe(path)}): ${network}; changes to ${safe(workspace)} are kept apart; limits supervised: ${list(supervised)}`,
    `never: prevented ${list(by('prevented'))}; detected ${list(by('detected'))}; not covered ${list(by('not covered'))}`,
  ];
}

export function statusLine(tally: Tally, contract: Contract, elapsed: number): string {
  const { totals } = tally;
  const left = Math.max(0, contract.compute.time.max - elapsed);
  return `${totals.events} events · ${totals.flows} flows · ${totals.denials} denials · ${formatDuration(left)} left`;
}

export interface EndFacts {
  id: string;
  reason: string;
  exit: { code?: number; signal?: number };
  elapsed: number;
  tally: Tally;
  changes: { added: number; changed: number; deleted: number };
  /** first changed paths, already safe to print */
  changed: readonly string[];
  incomplete?: string | undefined;
}

const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

function whoOf(event: LedgerEvent): string {
  const owner = 'owner' in event ? event.owner : undefined;
  if (!owner) return 'unknown process';
  const shown = owner.argv?.join(' ') || owner.exe || '';
  return `${safe(shown.length > 48 ? `${shown.slice(0, 47)}…` : shown)} (pid ${owner.pid})`;
}

const REASONS: Record<string, string> = {
  ended: 'the program ended',
  violation: 'stopped: the contract was violated',
  tampering: 'killed: the isolation was attacked',
  budget: 'stopped: a budget ran out',
  stopped: 'stopped by the operator',
  probe: 'killed: a probe reached what it must not',
  state: 'killed: the isolation changed while it ran',
  gateway: 'killed: the gateway failed',
  ledger: 'killed: the record could not be written',
  warden: 'killed: the cell’s own process was ended from inside',
};

const SHOWN = 8;

/** Plain lines: what it did, what was denied and by what, what changed, where to look. */
export function endLines({
  id,
  reason,
  exit,
  elapsed,
  tally,
  changes,
  changed,
  incomplete,
}: EndFacts): string[] {
  const { totals } = tally;
  const limit = ['time', 'cpu-time', 'memory', 'disk'].includes(reason)
    ? `killed: ${reason} ran out`
    : undefined;
  const how =
    exit.signal === undefined
      ? exit.code === undefined
        ? ''
        : `, exit code ${exit.code}`
      : `, signal ${exit.signal}`;
  const lines = [`${limit ?? REASONS[reason] ?? `ended: ${reason}`}${how}, after ${formatDuration(elapsed)}`];
  const did = [
    plural(totals.processes, 'program'),
    plural(totals.flows, 'connection'),
    plural(totals.queries, 'name look-up'),
  ];
  const cpu = tally.resources ? `, ${formatDuration(tally.resources.cpu)} of CPU` : '';
  const bytes =
    totals.flows > 0 ? ` (${formatSize(totals.sent)} out, ${formatSize(totals.received)} in)` : '';
  lines.push(`  did      ${did.join(', ')}${bytes}${cpu}`);
  for (const event of tally.violations.slice(0, SHOWN)) {
    lines.push(
      `  ${event.kind === 'violation' ? 'violated' : 'attacked'} ${safe(event.what)} — ${whoOf(event)} → ${event.action}`,
    );
  }
  if (totals.denials === 0) lines.push('  denied   nothing');
  for (const [index, event] of tally.denials.slice(0, SHOWN).entries()) {
    const times = event.count && event.count > 1 ? ` ×${event.count}` : '';
    lines.push(
      `  ${index === 0 ? 'denied  ' : '        '} ${safe(event.what)}${times} — ${whoOf(event)} — ${event.clause ?? event.layer}`,
    );
  }
  if (tally.denials.length > SHOWN) lines.push(`           and ${tally.denials.length - SHOWN} more`);
  const sum = changes.added + changes.changed + changes.deleted;
  lines.push(
    sum === 0
      ? '  changed  nothing'
      : `  changed  ${changes.added} added, ${changes.changed} changed, ${changes.deleted} deleted: ${changed.slice(0, 5).join(', ')}${changed.length > 5 ? ', …' : ''}`,
  );
  if (incomplete) lines.push(`  note     ${incomplete}`);
  if (totals.losses > 0)
    lines.push(`  lost     ${plural(totals.losses, 'event')} could not be recorded: unknown is not safe`);
  lines.push(`  look     ringfence why ${id} · ringfence log show ${id}`);
  return lines;
}
