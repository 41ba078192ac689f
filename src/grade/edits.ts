/**
 * Changes that we make ourselves, written as a layer over the original: a candidate solution.
 *
 * @module
 */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Layer } from './layers/index.ts';

/** Path relative to the workspace → its new content; undefined content: it is gone. Modes default to the original's. */
export type Edits = ReadonlyMap<string, { content: string | undefined; mode?: number }>;

/** @param workspace the original, for modes; its links are not followed: edits go where their names say */
export function writeEdits(layer: Layer, workspace: string, edits: Edits): void {
  for (const [path, { content, mode }] of edits) {
    const before = lstatSync(join(workspace, path), { throwIfNoEntry: false });
    if (content === undefined && !before) continue;
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length++) {
      const parent = parts.slice(0, length).join('/');
      const stats = lstatSync(join(workspace, parent), { throwIfNoEntry: false });
      layer.directory(Buffer.from(parent), stats?.isDirectory() ? stats.mode : 0o755);
    }
    if (content === undefined) layer.whiteout(Buffer.from(path));
    else
      layer.file(
        Buffer.from(path),
        Buffer.from(content, 'latin1'),
        mode ?? (before?.isFile() ? before.mode : 0o644),
      );
  }
  layer.finish();
}
