/**
 * Three-way merge of text files whose original was changed since the run began, by git's own merge (git-merge-file(1)).
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from '../../review/diff/index.ts';
import type { Reviewed } from '../../review/set/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { FoundRun } from '../find-run.ts';
import { baseOf } from '../wiring/base.ts';
import { listed } from './landing.ts';

const LARGEST = 64 * 1024 * 1024;

export interface Merged {
  items: Reviewed[];
  /** paths that were merged, safe to print */
  merged: string[];
  /** removes what the merge wrote; call it after landing */
  clean: () => void;
}

/**
 * Items in which changed originals are replaced by the merge of both sides.
 *
 * @throws CommandError that names conflicts, and what cannot be merged
 */
export function mergeChanged(run: FoundRun, items: readonly Reviewed[]): Merged {
  const base = baseOf({ path: run.folder });
  const folder = mkdtempSync(join(run.folder, 'merge-'));
  const clean = () => rmSync(folder, { recursive: true, force: true });
  const [conflicts, impossible, merged]: [string[], string[], string[]] = [[], [], []];
  try {
    const result = items.map((item, index): Reviewed => {
      if (!item.originalChanged) return item;
      const kept = base(item.path);
      const { before, after, original, source } = item;
      if (!kept || !original || !source || before?.type !== 'file' || after?.type !== 'file') {
        impossible.push(item.shown);
        return item;
      }
      const sides = { ours: contentOf(original), theirs: contentOf(source) };
      const paths = Object.entries(sides).map(([name, content]) => {
        const path = join(folder, `${index}-${name}`);
        writeFileSync(path, content, { mode: 0o600 });
        return path;
      });
      const [ours = '', theirs = ''] = paths;
      const { status, stdout, error } = spawnSync('git', ['merge-file', '-p', '-q', ours, kept, theirs], {
        cwd: folder,
        maxBuffer: LARGEST,
        stdio: ['ignore', 'pipe', 'ignore'],
        env: {
          PATH: process.env.PATH,
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_CONFIG_GLOBAL: '/dev/null',
          GIT_DIR: '/dev/null',
        },
      });
      if (error)
        throw new CommandError('no-git', `git cannot be started: ${error.message}`, 'merging needs git');
      if (status !== 0) {
        (status !== null && status < 128 ? conflicts : impossible).push(item.shown);
        return item;
      }
      const place = join(folder, `${index}-merged`);
      writeFileSync(place, stdout, { mode: 0o600 });
      merged.push(item.shown);
      const sha256 = createHash('sha256').update(stdout).digest('hex');
      const { originalChanged: _, ...rest } = item;
      return { ...rest, source: Buffer.from(place), after: { ...after, size: stdout.length, sha256 } };
    });
    refuse(conflicts, impossible);
    return { items: result, merged, clean };
  } catch (error) {
    clean();
    throw error;
  }
}

function refuse(conflicts: readonly string[], impossible: readonly string[]): void {
  if (conflicts.length === 0 && impossible.length === 0) return;
  const parts = [
    ...(conflicts.length > 0 ? [`both sides changed the same lines: ${listed(conflicts)}`] : []),
    ...(impossible.length > 0
      ? [`cannot be merged (no common base, or no text): ${listed(impossible)}`]
      : []),
  ];
  throw new CommandError(
    'merge-conflict',
    `${parts.join('; ')}; nothing was changed`,
    'leave them out with --except, or, as the diff shows what is lost, add --overwrite',
    EXIT.conflict,
  );
}
