/**
 * The result of a run on a copy, made again: the original with what the run changed, as a folder of its own.
 *
 * @module
 */
import { chownSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Changes, pathKey } from '../../cell/changes/index.ts';
import { hiddenPaths } from '../../cell/plan/index.ts';
import { copyWorkspace } from '../../cell/reduced/index.ts';
import { applyLayer, type Overlaid } from '../../grade/layers/index.ts';
import type { Bench } from './grade-bench.ts';

export type MadeResult =
  | {
      ok: true;
      folder: string;
      /** what the program was never given of the original: hidden, or closed to it; by {@link pathKey} */
      absent: ReadonlySet<string>;
    }
  | { ok: false; problem: string };

/** What of a run on a copy is kept: files as they are now, and the names of those that are gone. */
export const keptOf = (copy: string | undefined, { changes }: Changes): Overlaid => ({
  folder: changes.some(({ after }) => after) ? copy : undefined,
  deleted: changes.filter(({ kind }) => kind === 'deleted').map(({ path }) => path),
});

/** @throws the file system's error */
export function makeResult(
  { contract, workspace, scratch, host, unprivileged }: Bench,
  kept: Overlaid,
): MadeResult {
  const folder = join(scratch, 'result', basename(workspace));
  const owner = host.uid === 0 ? unprivileged : undefined;
  const hidden = hiddenPaths(workspace, contract.files.hide);
  if (!hidden.ok) return hidden;
  mkdirSync(dirname(folder), { mode: 0o700 });
  mkdirSync(folder, { mode: 0o755 });
  if (owner !== undefined) chownSync(folder, owner, owner);
  const copied = copyWorkspace({
    workspace,
    copy: folder,
    hidden: hidden.paths,
    maximum: Number.MAX_SAFE_INTEGER, // what is too large for its cell is refused there
    owner,
  });
  if (!copied.ok) return copied;
  applyLayer(folder, kept, owner);
  const closed = hidden.paths.map((path) => Buffer.from(path.slice(workspace.length + 1)));
  return { ok: true, folder, absent: new Set([...closed, ...copied.leftOut].map(pathKey)) };
}
