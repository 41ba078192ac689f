/**
 * What runs leave behind whose every process was killed: groups, dead sockets, ledgers without an end. The next command
 * mends it.
 *
 * @module
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { detectCgroups, sweepGroups } from '../../cell/cgroups/index.ts';
import { type LedgerKeys, recoverLedger } from '../../ledger/index.ts';
import { type FoundRun, listRuns } from '../find-run.ts';
import { type RunFacts, writeFacts } from './run-folder.ts';

export function readFacts(run: FoundRun): RunFacts | undefined {
  try {
    return JSON.parse(readFileSync(join(run.folder, 'run.json'), 'utf8')) as RunFacts;
  } catch {
    return undefined;
  }
}

/** Start time of a process, field 22 of proc_pid_stat(5); undefined when there is none. */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

export const isAlive = (facts: RunFacts): boolean =>
  facts.ended === undefined && startTime(facts.pid) === facts.startTime;

/**
 * Ends the record of dead runs and removes their groups.
 *
 * @returns ids of the runs that were mended
 */
export async function mendLeftovers(keys: LedgerKeys, limit = 50): Promise<string[]> {
  const mended: string[] = [];
  for (const run of listRuns().slice(0, limit)) {
    const facts = readFacts(run);
    if (!facts || facts.ended !== undefined || isAlive(facts)) continue;
    if (existsSync(run.ledger)) {
      const recovered = await recoverLedger(run.ledger, {
        ...keys,
        run: facts.id,
        cell: facts.id,
        events: [
          {
            kind: 'run.stop',
            exit: {},
            reason: 'crash',
            changes: { added: 0, changed: 0, deleted: 0 },
            incomplete: true,
          },
        ],
      });
      if (recovered.state === 'damaged') continue; // log verify names the place; nothing is touched
    }
    rmSync(join(run.folder, 'marker'), { force: true });
    writeFacts(
      { facts: join(run.folder, 'run.json') },
      { ...facts, ended: new Date().toISOString(), reason: 'crash' },
    );
    mended.push(run.id);
  }
  await sweepGroups(detectCgroups());
  return mended;
}
