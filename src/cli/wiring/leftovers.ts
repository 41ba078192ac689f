/**
 * What runs leave behind whose every process was killed: groups, dead sockets, ledgers without an end. The next command
 * mends it.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { detectCgroups, startTimeOf, sweepGroups } from '../../cell/cgroups/index.ts';
import { removeReducedFolders } from '../../cell/reduced/index.ts';
import { LedgerError, type LedgerKeys, readLedger, recoverLedger } from '../../ledger/index.ts';
import { type FoundRun, listRuns } from '../find-run.ts';
import { folders } from '../folders.ts';
import { removeControlSocket } from './control-socket.ts';
import { isRunFacts } from './facts.ts';
import { clearRunFolder, graderCopy, type RunFacts, runPaths, writeFacts } from './run-folder.ts';
import { removeSessionSocket } from './terminal.ts';

/** What a run says of itself; undefined where it has not begun, or the file is not what was written there. */
export function readFacts(run: FoundRun): RunFacts | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(run.folder, 'run.json'), 'utf8'));
    return isRunFacts(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const pidNamespace = (): string => readlinkSync('/proc/self/ns/pid');

/** A run of another pid namespace (a container that shares this state folder) is dead when it has written nothing for so long. */
const SILENCE = 60 * 60_000;

/** Whether the run's own process lives. It writes a sample every second, so that the ledger tells where ids do not. */
export function isAlive(facts: RunFacts): boolean {
  if (facts.ended !== undefined) return false;
  if (facts.pidNamespace === undefined || facts.pidNamespace === pidNamespace()) {
    return startTimeOf(facts.pid) === facts.startTime;
  }
  const { ledger } = runPaths(join(folders().runs, facts.id));
  try {
    const written = readdirSync(ledger).map((name) => statSync(join(ledger, name)).mtimeMs);
    return Date.now() - Math.max(Date.parse(facts.started), ...written) < SILENCE;
  } catch {
    return Date.now() - Date.parse(facts.started) < SILENCE;
  }
}

/**
 * Ends the record of dead runs and removes what they left: groups, mount folders, markers.
 *
 * @returns ids of the runs that were mended
 */
export async function mendLeftovers(keys: LedgerKeys, limit = 50): Promise<string[]> {
  const mended: string[] = [];
  for (const run of listRuns().slice(0, limit)) {
    if (existsSync(join(run.folder, 'landing.json'))) await endLanding();
    const facts = readFacts(run);
    if (!facts) removeUnbegun(run);
    if (!facts || facts.ended !== undefined || isAlive(facts)) continue;
    try {
      if (await mend(run, facts, keys)) mended.push(run.id);
    } catch (error) {
      // somebody else mends it at this moment, or its disk is full: the next command tries again, the other runs go on
      if (!(error instanceof LedgerError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
  await sweepGroups(detectCgroups());
  return mended;
}

/** An apply that was killed in the middle. Where it cannot be ended now, apply itself says why. */
async function endLanding(): Promise<void> {
  const { endUnfinished } = await import('../review/recovery.ts');
  try {
    endUnfinished();
  } catch (error) {
    if ((error as { code?: string }).code === undefined) throw error;
  }
}

async function mend(run: FoundRun, facts: RunFacts, keys: LedgerKeys): Promise<boolean> {
  let reason = 'crash';
  if (hasRecords(run.ledger)) {
    const stop = await recordedStop(run.ledger); // it may have been killed after it had ended
    reason = stop ?? reason;
    const changes = { added: 0, changed: 0, deleted: 0 };
    const recovered = await recoverLedger(run.ledger, {
      ...keys,
      run: facts.id,
      cell: facts.id,
      events: stop === undefined ? [{ kind: 'run.stop', exit: {}, reason, changes, incomplete: true }] : [],
    });
    if (recovered.state === 'damaged') return false; // log verify names the place; nothing is touched
  }
  const paths = runPaths(run.folder);
  clearRunFolder(paths);
  removeControlSocket(facts.id);
  removeSessionSocket(facts.id);
  removeReducedFolders({ id: facts.id, path: run.folder }, 'temporary');
  removeReducedFolders(graderCopy(facts.id, paths.scratch), 'all');
  writeFacts(paths, { ...facts, ended: new Date().toISOString(), reason });
  return true;
}

/** Why the run ended, where it came to record that. */
async function recordedStop(ledger: string): Promise<string | undefined> {
  const stops = readLedger(ledger, { kinds: ['run.stop'] }, { onUnreadable: () => {} });
  for await (const event of stops) if (event.kind === 'run.stop') return event.reason;
  return undefined;
}

/** A run may have been killed before its first record: then there is nothing to recover. */
const hasRecords = (ledger: string): boolean =>
  existsSync(ledger) && readdirSync(ledger).some((name) => name.endsWith('.jsonl'));

/** Milliseconds after which a folder without a run.json is not about to get one: its maker died, and nothing ran. */
const UNBEGUN = 60_000;

function removeUnbegun({ folder }: FoundRun): void {
  const made = statSync(folder, { throwIfNoEntry: false });
  if (!made || Date.now() - made.mtimeMs < UNBEGUN || existsSync(runPaths(folder).facts)) return;
  if (existsSync(runPaths(folder).ledger)) return;
  rmSync(folder, { recursive: true, force: true });
}
