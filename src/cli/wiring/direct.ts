/**
 * A run whose agent changes the workspace itself: the snapshot before, the comparison after, and what the plan needs for it.
 *
 * @module
 */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Changes } from '../../cell/changes/index.ts';
import type { Plan, PlanOp } from '../../contract/index.ts';
import { compareDirect, readManifest, takeSnapshot, writeManifest } from '../../review/direct/index.ts';
import { runtimeFolder } from '../folders.ts';
import { safe } from '../text.ts';
import type { RunFolder } from './run-folder.ts';

export const snapshotPath = (folder: { path: string }): string => join(folder.path, 'cell', 'snapshot');
const manifestPath = (folder: { path: string }): string => join(folder.path, 'cell', 'snapshot.json');

export type DirectRun =
  | { ok: true; plan: Plan; notice: string[] /** bytes that count as used */; present: number }
  | { ok: false; field: string; problem: string; hint: string };

/** Takes the snapshot; what lies there already does not count as disk that the run used. */
export function prepareDirect(folder: RunFolder, plan: Plan, workspace: string): DirectRun {
  // through the run's own socket the agent would answer its own questions
  const sockets = realpathSync(runtimeFolder());
  if (`${sockets}/`.startsWith(`${workspace}/`))
    return {
      ok: false,
      field: 'files.workspace',
      problem: `the workspace ${workspace} is direct and holds the folder through which runs are controlled, ${sockets}`,
      hint: 'name a project folder, or set XDG_RUNTIME_DIR elsewhere (a folder of yours alone, mode 0700)',
    };
  const taken = takeSnapshot(workspace, snapshotPath(folder));
  if (!taken.ok) return { ...taken, field: 'files.workspace.mode' };
  writeManifest(manifestPath(folder), taken.manifest);
  const there = 2 * taken.bytes + taken.manifest.size * 2 * 4096;
  const counted = plan.flatMap((operation): PlanOp[] => {
    if (operation[0] === 'usage') return [operation, ['usage', workspace]];
    if (operation[0] !== 'supervise' || operation[3] === '-') return [operation];
    const [name, cpu, memory, disk, period] = operation;
    return [[name, cpu, memory, String(Number(disk) + there), period]];
  });
  return {
    ok: true,
    plan: counted,
    present: there,
    notice: [
      `  DIRECT   the agent changes ${safe(workspace)} itself: nothing waits for a review; a snapshot is kept`,
      `           to roll back: ringfence undo ${folder.id}`,
    ],
  };
}

/** What differs from the snapshot now. @throws the file system's own error */
export function directChanges(folder: { path: string }, workspace: string): Changes {
  return compareDirect({
    workspace,
    snapshot: snapshotPath(folder),
    manifest: readManifest(manifestPath(folder)),
  });
}

export const directManifest = (folder: { path: string }) => readManifest(manifestPath(folder));
