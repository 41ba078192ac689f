/**
 * `ringfence campaigns`.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import type { LedgerEvent } from '../../contract/index.ts';
import { describeEvent, readLedger } from '../../ledger/index.ts';
import { KINDS } from '../../watch/campaign/index.ts';
import { type Campaign, JudgeBench } from '../../watch/index.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';
import { folders } from '../folders.ts';
import { safe, shorten } from '../text.ts';

/** So much of what runs told is judged anew: the newest, and of each run no more than a sixteenth. Unit: bytes. */
const BUDGET = 64 * 1024 * 1024;
/** Of each run so many events are printed; --json has the numbers of all. */
const SHOWN = 4;

export async function run({ options, terminal }: Invocation<'campaigns'>): Promise<number> {
  const { campaigns: folder } = folders();
  const now = Date.now() * 1000;
  const bench = existsSync(folder) ? new JudgeBench(folder, { budget: BUDGET }) : undefined;
  // all that runs told is judged anew, so nothing hangs on which of them judged it then
  bench?.judge(now, true);
  const found = bench?.ranked(now) ?? [];
  if (bench && bench.skipped > 0)
    terminal.err(`not judged: the oldest ${Math.ceil(bench.skipped / 1024 / 1024)} MiB of what runs told`);
  if (options.json) terminal.out(JSON.stringify(found.map(shown), null, 2));
  else if (found.length === 0) terminal.out('no runs were seen to work together');
  else for (const campaign of found) for (const line of await lines(campaign)) terminal.out(line);
  return found.length === 0 ? EXIT.ok : EXIT.failed;
}

const timeOf = (microseconds: number): string => new Date(microseconds / 1000).toISOString();

const shown = ({ started, last, services: _marks, ...campaign }: Campaign) => ({
  ...campaign,
  started: timeOf(started),
  last: timeOf(last),
});

async function lines(campaign: Campaign): Promise<string[]> {
  const { id, level, points, started, last, kinds, members } = campaign;
  const list = [
    `${id}  ${level}, ${points} points, ${members.length} runs, ${timeOf(started)} to ${timeOf(last)}`,
  ];
  for (const [kind, count] of Object.entries(kinds))
    list.push(`  ${String(count).padStart(3)} × ${KINDS[kind as keyof typeof KINDS].title} (${kind})`);
  for (const member of members) {
    const turns = member.turns.length === 0 ? '' : `; turns ${member.turns.map(safe).join(', ')}`;
    const calls = member.calls.length === 0 ? '' : `; tool calls ${member.calls.map(safe).join(', ')}`;
    list.push(`  ${safe(member.run)}: ${member.kinds.join(', ')}${turns}${calls}`);
    for (const event of await eventsOf(member.run, member.cites.slice(0, SHOWN)))
      list.push(`    ${safe(member.run)}:${event.seq}  ${shorten(safe(describeEvent(event)), 120)}`);
    const more = member.cites.length - SHOWN;
    if (more > 0) list.push(`    and ${more} more events`);
  }
  return list;
}

/** Those events, as far as the run's record is still there. */
async function eventsOf(run: string, numbers: readonly number[]): Promise<LedgerEvent[]> {
  const wanted = new Set(numbers);
  const found: LedgerEvent[] = [];
  try {
    for await (const event of readLedger(findRun(run).ledger)) {
      if (wanted.has(event.seq)) found.push(event);
      if (found.length === wanted.size) break;
    }
  } catch {
    // it was removed, or is being written: its numbers are printed all the same
  }
  return found;
}
