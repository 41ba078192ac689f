/**
 * Grading at the end of a run, before its record is closed.
 *
 * @module
 */
import { dirname, resolve } from 'node:path';
import type { Changes } from '../../cell/changes/index.ts';
import type { ValidContract } from '../contract-file.ts';
import { installation } from '../installation.ts';
import { snapshotPath } from './direct.ts';
import { keptOf } from './grade-result.ts';
import { gradeRun, type RunToGrade } from './grade-run.ts';
import { type RunGrade, toRunGrade } from './grade-summary.ts';
import type { HostUser } from './machine-facts.ts';
import type { RunFolder } from './run-folder.ts';
import type { Session } from './session.ts';

export interface EndedRun {
  loaded: ValidContract;
  folder: RunFolder;
  workspace: string;
  found: Changes;
  /** of a run on a copy: where that is */
  copy: string | undefined;
  host: HostUser;
  unprivileged: number;
  redact: (text: string) => string;
}

/** Signals that end the grading; the run is over and its record is written all the same. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

export async function gradeAfterRun(session: Session, run: EndedRun): Promise<RunGrade> {
  const { contract, source } = run.loaded;
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  for (const name of INTERRUPTS) process.on(name, interrupt);
  const { launcher, gateway } = installation();
  const { totals } = session.tally;
  const graded = await gradeRun(
    {
      run: run.folder.id,
      contract,
      source: resolve(source.path),
      base: dirname(resolve(source.path)),
      workspace: run.workspace,
      host: run.host,
      unprivileged: run.unprivileged,
      launcher,
      gatewayScript: gateway,
      scratch: run.folder.scratch,
      signal: interrupted.signal,
      onEvent: (event) => session.record(event),
      redact: run.redact,
    },
    {
      ...resultOf(run.folder, {
        changes: run.found,
        direct: contract.files.workspace.mode === 'direct',
        copy: run.copy,
        reduced: contract.isolation === 'landlock',
      }),
      changes: run.found,
      violations: totals.violations + totals.tampering,
    },
  );
  for (const name of INTERRUPTS) process.off(name, interrupt);
  if (!graded.ok) {
    session.record({ kind: 'note', text: `the result was not graded: ${graded.problem}` });
    return { flaky: false, text: '', altered: [], problem: graded.problem };
  }
  const number = session.record(graded.event);
  if (graded.finding) session.record({ ...graded.finding, cites: number === undefined ? [] : [number] });
  return toRunGrade(graded.event, graded.altered, graded.finding);
}

/** How a run worked, and where what it left lies. */
export interface ResultPlace {
  changes: Changes;
  direct: boolean;
  /** the run worked on a copy */
  reduced: boolean;
  /** what is left of that copy */
  copy: string | undefined;
}

/** Where the result of a run lies, and what it is compared with. */
export function resultOf(
  folder: Pick<RunFolder, 'path' | 'upper'>,
  { changes, direct, reduced, copy }: ResultPlace,
): Pick<RunToGrade, 'upper' | 'snapshot' | 'kept'> {
  if (reduced) return { kept: keptOf(copy, changes) };
  return direct ? { snapshot: snapshotPath(folder) } : { upper: folder.upper };
}
