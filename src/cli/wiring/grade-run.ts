/**
 * Grades a run: success over the result as left, with the protected files restored, and the hidden check.
 *
 * @module
 */
import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  attributesByLauncher,
  type Changes,
  escapePath,
  joinPath,
  statOf,
} from '../../cell/changes/index.ts';
import { removeReducedFolders, removeTree } from '../../cell/reduced/index.ts';
import type { EventBody } from '../../contract/index.ts';
import { diffOf, type Gradings, gradeEvent, tamperingFinding, tamperingIn } from '../../grade/index.ts';
import {
  type Altered,
  Layer,
  type Overlaid,
  openFolder,
  openView,
  protectedBy,
  restoreProtected,
  withLinkTargets,
} from '../../grade/layers/index.ts';
import { type Bench, gradeWith } from './grade-bench.ts';
import { makeResult } from './grade-result.ts';
import { graderCopy } from './run-folder.ts';

export interface RunToGrade {
  /** the run's upper layer; absent where it changed the workspace itself */
  upper?: string;
  /** what the workspace was before, where the run changed it itself */
  snapshot?: string;
  /** what is kept of a run on a copy */
  kept?: Overlaid;
  changes: Changes;
  /** C: violations and tampering of the run */
  violations: number;
  /** how often each grading is repeated; default: as the contract says */
  repeat?: number;
}

export type Graded =
  | {
      ok: true;
      event: Extract<EventBody, { kind: 'grade' }>;
      /** what the gradings show beyond their verdicts; `cites` is the caller's to fill in */
      finding?: Extract<EventBody, { kind: 'finding' }>;
      /** protected paths that the run changed, safe to print */
      altered: string[];
    }
  | { ok: false; problem: string };

/** Removes all that a grading makes, that of one that was killed included. Can be done again. */
export function removeGrading(run: string, scratch: string): void {
  removeReducedFolders(graderCopy(run, scratch), 'all');
  removeTree(scratch);
}

/** Never throws: a run whose result cannot be graded is still a run. */
export async function gradeRun(bench: Bench, run: RunToGrade): Promise<Graded> {
  const { scratch } = bench;
  try {
    removeGrading(bench.run, scratch);
    mkdirSync(scratch, { mode: 0o700 });
    return await gradeLayers(bench, run);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { ok: false, problem: message };
  } finally {
    removeGrading(bench.run, scratch);
  }
}

/** Grades what a layer makes of the original. Throws the file system's errors. */
export async function gradeLayers(
  bench: Bench,
  { upper, snapshot, kept, changes, violations, repeat }: RunToGrade,
): Promise<Graded> {
  const { contract, workspace, launcher } = bench;
  const { success, hidden } = contract.objective;
  if (!success) return { ok: false, problem: 'the contract has no objective.success' };
  const original = snapshot ?? workspace;
  const changed = changes.changes.flatMap(({ path, from }) => (from ? [path, from] : [path]));
  if ((kept === undefined) !== (contract.isolation !== 'landlock'))
    return {
      ok: false,
      problem: 'a run is graded in the isolation that it ran in; this contract names another',
    };
  const made = kept && makeResult(bench, kept);
  if (made && !made.ok) return made;
  const opened = made
    ? openFolder(made.folder, workspace, changed)
    : snapshot === undefined
      ? openView(workspace, upper, attributesByLauncher(launcher))
      : openFolder(workspace, snapshot, changed);
  if (!opened.ok) return opened;
  if (snapshot !== undefined && bench.host.uid !== 0) {
    const misread = marksOf(workspace, launcher);
    if (misread !== undefined) return { ok: false, problem: misread };
  }
  const owner = bench.host.uid === 0 ? bench.unprivileged : undefined;
  const layer = (name: string) =>
    new Layer({
      folder: join(bench.scratch, name),
      owner,
      launcher: made ? undefined : launcher,
      maximum: contract.compute.disk.max,
    });

  const restored = layer('restored');
  const patterns = withLinkTargets(original, success.protect, protectedBy(success.protect));
  const isProtected = protectedBy(patterns);
  const altered = restoreProtected({
    original,
    view: opened.view,
    isProtected,
    ...(made && { absent: made.absent }),
    layer: restored,
  });
  restored.finish();
  const moved = changedMeanwhile(changes, isProtected);
  if (moved !== undefined)
    return { ok: false, problem: `${moved} is protected, and the original changed since the run began` };

  const left: Overlaid[] = upper === undefined ? [] : [{ folder: upper, deleted: [] }];
  const lowest = made?.folder;
  const gradings: Gradings = {};
  const { run: command } = success;
  const times = repeat ?? success.repeat;
  gradings.left = await gradeWith(bench, { command, lowest, layers: left, times });
  // the very same result needs no second look
  const same = restored.empty;
  const layers = same ? left : [restored, ...left];
  gradings.restored = same ? gradings.left : await gradeWith(bench, { command, lowest, layers, times });
  if (hidden) {
    const uncovered = hidden.files === undefined ? undefined : resolve(bench.base, hidden.files);
    const top = uncovered === undefined ? undefined : hiddenLayer(layer('hidden'), uncovered);
    gradings.hidden = await gradeWith(bench, {
      command: hidden.run,
      lowest,
      layers: top === undefined ? layers : [top, ...layers],
      uncovered,
      times,
    });
  }
  if (bench.signal.aborted) return { ok: false, problem: 'it was interrupted' };
  const event = gradeEvent(gradings, violations, altered.length > 0);
  const tampering = tamperingIn(gradings);
  const sides =
    tampering === 'protected-files'
      ? altered
      : changedSides(original, made?.folder ?? upper ?? workspace, changes, altered);
  return {
    ok: true,
    event,
    ...(tampering && { finding: tamperingFinding(tampering, [], bench.redact(diffOf(sides))) }),
    altered: altered.map(({ shown }) => shown),
  };
}

/**
 * In a workspace that the program changed itself, marks of an overlay are its own work: a grader's overlay of an ordinary
 * user would take them for its own, and leave out files that are there.
 */
function marksOf(workspace: string, launcher: string): string | undefined {
  const marks = attributesByLauncher(launcher, 'user')(workspace);
  if (!marks.ok) return `the workspace cannot be read: ${marks.reason}`;
  const [first] = marks.attributes;
  return (
    first && `${escapePath(first.path)} bears the attribute ${first.name}, which hides files from a grader`
  );
}

/** A protected file of the original that is no longer what the run began with: restoring would not restore. */
function changedMeanwhile(changes: Changes, isProtected: (path: string) => boolean): string | undefined {
  return changes.originalChanged.map(String).find(isProtected);
}

function hiddenLayer(layer: Layer, files: string): Layer {
  if (!existsSync(files) || !lstatSync(files).isDirectory()) {
    throw Object.assign(new Error(`objective.hidden.files: ${files} is not a folder`), { code: 'ENOTDIR' });
  }
  const source = Buffer.from(files);
  const stats = statOf(source);
  if (stats) layer.copy(Buffer.alloc(0), source, stats);
  layer.finish();
  return layer;
}

/** Both sides of everything that the run changed and that is not protected. */
function changedSides(original: string, result: string, { changes }: Changes, altered: readonly Altered[]) {
  const known = new Set(altered.map(({ shown }) => shown));
  return changes
    .filter(({ shown, after }) => !known.has(shown) && after?.type !== 'directory')
    .map(({ path, shown, kind }) => ({
      shown,
      ...(kind !== 'added' && { before: joinPath(Buffer.from(original), path) }),
      ...(kind !== 'deleted' && { after: joinPath(Buffer.from(result), path) }),
    }));
}
