/**
 * What a person reads at the start and at the end of a run.
 *
 * @module
 */
import type { AppliedLimit } from '../../cell/plan/index.ts';
import {
  asksForHosts,
  type Contract,
  type Coverage,
  type EventBody,
  FINDING_LEVELS,
  formatDuration,
  formatSize,
  type LedgerEvent,
} from '../../contract/index.ts';
import { safe } from '../text.ts';
import type { Approvals } from './approvals.ts';
import type { Tally } from './tally.ts';

export interface StartFacts {
  id: string;
  contract: Contract;
  path: string;
  workspace: string;
  limits: Record<string, AppliedLimit>;
  never: Partial<Record<string, Coverage>>;
  /** whether it was shown that the task can be done, in words */
  evidence?: string | undefined;
}

function list(words: readonly string[]): string {
  return words.length === 0 ? 'none' : words.join(', ');
}

const COLUMNS = 100;
const INDENT = ' '.repeat(11);

/** A label and words after it, as many lines as they need, the later ones under the first. */
function wrap(label: string, words: readonly string[]): string[] {
  const lines: string[] = [];
  let line = `  ${label}`.padEnd(INDENT.length);
  for (const [index, word] of words.entries()) {
    const text = index < words.length - 1 ? `${word},` : word;
    if (line.length + text.length > COLUMNS && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${text} `;
  }
  return [...lines, line.trimEnd()];
}

/** Which contract, what it opens, and per hazard what this run does about it. */
export function startLines({ id, contract, path, workspace, limits, never, evidence }: StartFacts): string[] {
  const hosts = contract.network.map((rule) => `${rule.host}:${rule.port}`);
  const more = hosts.length > 3 ? ` and ${hosts.length - 3} more` : '';
  const asked = asksForHosts(contract) ? ', other hosts when you allow them' : '';
  const served = [
    ...(contract.packages.length === 0 ? [] : ['listed packages']),
    ...(contract.models.length === 0
      ? []
      : [`models of ${[...new Set(contract.models.map(({ provider }) => provider))].join(' and ')}`]),
  ].join(' and ');
  const offline = served === '' ? 'no network' : `no network but ${served}`;
  const network = `${hosts.length === 0 ? offline : `network only ${hosts.slice(0, 3).join(', ')}${more}`}${asked}`;
  const supervised = Object.entries(limits)
    .filter(([, { by }]) => by === 'supervised')
    .map(([name]) => name);
  const lines = [
    `run ${id} in contract ${safe(contract.name)} (${safe(path)})`,
    `  may      change ${contract.files.workspace.mode === 'direct' ? '' : 'a copy of '}${safe(workspace)}; ${network}; limits supervised: ${list(supervised)}`,
  ];
  for (const state of ['prevented', 'detected', 'not covered'] as const) {
    const hazards = Object.entries(never)
      .filter(([, coverage]) => coverage?.state === state)
      .map(([hazard]) => hazard);
    if (hazards.length === 0) continue;
    const [first = '', ...rest] = hazards;
    lines.push(...wrap(lines.length === 2 ? 'never' : '', [`${state}: ${first}`, ...rest]));
  }
  if (evidence !== undefined) lines.push(`  task     ${evidence}`);
  return lines;
}

export function statusLine(
  tally: Tally,
  contract: Contract,
  elapsed: number,
  { counts: { questions, budget } }: Pick<Approvals, 'counts'>,
): string {
  const { totals } = tally;
  const left = Math.max(0, contract.compute.time.max - elapsed);
  const waiting = questions === 0 ? '' : `, ${questions} waiting`;
  const asked = budget.asked === 0 ? '' : ` · ${budget.asked} of ${budget.most} questions asked${waiting}`;
  return `${totals.events} events · ${totals.flows} flows · ${totals.denials} denials${asked} · ${formatDuration(left)} left`;
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
  finding: 'ended: a rule found what the contract answers so',
  judge: 'ended: a judge failed, which the contract answers so',
  loss: 'ended: not everything could be seen',
  overload: 'ended: events came faster than they could be judged',
  budget: 'stopped: a budget ran out',
  stopped: 'stopped by the operator',
  probe: 'killed: a probe reached what it must not',
  state: 'killed: the isolation changed while it ran',
  gateway: 'killed: the gateway failed',
  ledger: 'killed: the record could not be written',
  unrecorded: 'the program ended, but the end of its record could not be written',
  freeze: 'killed: it could not be frozen',
  warden: 'killed: a process of ours in the cell was ended',
  init: 'killed: a process of ours in the cell was ended',
  supervisor: 'killed: the supervisor was ended',
};

/** `killed: memory ran out (300MiB of 128MiB)`; undefined where it was no limit of `compute`. */
function limitLine(reason: string, tally: Tally): string | undefined {
  const format = { time: formatDuration, 'cpu-time': formatDuration, memory: formatSize, disk: formatSize }[
    reason
  ];
  if (!format) return undefined;
  const reached = tally.limits.find(({ limit }) => limit === reason);
  return `killed: ${reason} ran out${reached ? ` (${format(reached.used)} of ${format(reached.max)})` : ''}`;
}

/** The agent saw no more than that they are not there: whoever started the run must hear why. */
function packageLines(id: string, { unfetched, fetches }: Tally): string[] {
  const [first] = unfetched;
  if (!first) return [];
  const what = `${safe(first.name)}${first.version === undefined ? '' : ` ${safe(first.version)}`}`;
  return [
    `  packages ${unfetched.length} of ${fetches} fetches failed; ${what}: ${safe(first.detail ?? '')}`,
    `           all of them: ringfence log show ${id} --kind package.fetch`,
  ];
}

/** What rules found, the worst first; what the contract wants nothing done about is on record alone. */
function findingLines(id: string, { findings }: Tally): string[] {
  const told = findings
    .filter(({ response }) => response !== undefined)
    .toSorted(
      (one, other) =>
        FINDING_LEVELS.indexOf(other.level ?? 'low') - FINDING_LEVELS.indexOf(one.level ?? 'low'),
    );
  const lines = told.slice(0, SHOWN).map((finding, index) => {
    const times = finding.count === undefined ? '' : ` ×${finding.count + 1}`;
    return `  ${index === 0 ? 'found   ' : '        '} ${finding.hazard}: ${safe(finding.text)}${times} — ${finding.rule}, ${finding.level} → ${finding.response}`;
  });
  if (told.length > SHOWN)
    lines.push(`           and ${told.length - SHOWN} more: ringfence log show ${id} --kind finding`);
  return lines;
}

const SHOWN = 8;

/** What was found, told at once. */
export function alertLines(finding: Extract<EventBody, { kind: 'finding' }>): string[] {
  const { hazard, text, rule, level, response } = finding;
  return [`found ${hazard}: ${safe(text)} — ${rule}, ${level} → ${response}`];
}

type Judgement = Extract<EventBody, { kind: 'judgement' }>;

/** A judge that failed, told at once. */
export const unjudgedLines = ({ judge, of, failed, detail = '' }: Judgement): string[] => [
  `not judged: ${judge} failed at one of the ${of}: ${failed} (${safe(detail)}); nothing is known of it`,
];

/** How often judges were asked, and what they failed at: no answer is no good answer. */
function judgeLines(id: string, { totals, unjudged }: Tally): string[] {
  if (totals.judgements === 0) return [];
  const why = new Map<string, number>();
  for (const { judge, failed, count = 1 } of unjudged) {
    const key = `${judge}: ${failed}`;
    why.set(key, (why.get(key) ?? 0) + count);
  }
  const lines = [
    `  judged   ${plural(totals.judgements - totals.unjudged, 'act')} by judges${totals.unjudged === 0 ? '' : `, ${totals.unjudged} FAILED: of those nothing is known`}`,
  ];
  for (const [key, count] of [...why].slice(0, SHOWN)) lines.push(`           ${safe(key)} ×${count}`);
  if (why.size > 0) lines.push(`           all of them: ringfence log show ${id} --kind judgement`);
  return lines;
}

/** Why the cell stands still, and what can be done about it. */
const HELD: Readonly<Record<string, string>> = {
  finding: 'for what a rule found',
  overload: 'since more comes than can be judged',
  judge: 'since a judge failed',
  loss: 'since not everything is seen',
  violation: 'for a violation of its contract',
};

/**
 * What the operator must know at once, however quiet the run is: nothing goes on until somebody decides.
 *
 * @param left milliseconds until its time is over
 */
export function heldLines(id: string, reason: string, left: number): string[] {
  return [
    `it is held ${HELD[reason] ?? `(${reason})`}: ringfence thaw ${id} lets it go on, ringfence stop ${id} ends it`,
    `  without either it ends when its time is over, in ${formatDuration(Math.max(1000, Math.ceil(left / 1000) * 1000))}`,
  ];
}

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
  const limit = limitLine(reason, tally);
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
  lines.push(...findingLines(id, tally), ...judgeLines(id, tally));
  if (totals.denials === 0) lines.push('  denied   nothing');
  for (const [index, event] of tally.denials.slice(0, SHOWN).entries()) {
    const times = event.count && event.count > 1 ? ` ×${event.count}` : '';
    lines.push(
      `  ${index === 0 ? 'denied  ' : '        '} ${safe(event.what)}${times} — ${whoOf(event)} — ${event.clause ?? event.layer}`,
    );
  }
  if (tally.denials.length > SHOWN) lines.push(`           and ${tally.denials.length - SHOWN} more`);
  lines.push(...packageLines(id, tally));
  const sum = changes.added + changes.changed + changes.deleted;
  lines.push(
    sum === 0
      ? '  changed  nothing'
      : `  changed  ${changes.added} added, ${changes.changed} changed, ${changes.deleted} deleted: ${changed.slice(0, 5).join(', ')}${changed.length > 5 ? ', …' : ''}`,
  );
  if (incomplete) lines.push(`  note     ${incomplete}`);
  if (totals.losses > 0)
    lines.push(`  lost     ${plural(totals.losses, 'event')} could not be recorded: unknown is not safe`);
  const review = sum > 0 ? `ringfence review ${id} · ` : '';
  lines.push(`  look     ${review}ringfence why ${id} · ringfence log show ${id}`);
  return lines;
}
