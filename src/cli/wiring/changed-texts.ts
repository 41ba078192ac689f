/**
 * Texts that a run changed, both sides, and the texts of its tests as they were: what is judged when it has ended.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { type Changes, joinPath, namesIn, statOf } from '../../cell/changes/index.ts';
import { matchPath } from '../../contract/glob.ts';
import type { ChangedText } from '../../watch/index.ts';

/** Bytes of a file that are read at most, files of one run, and tests. */
const LARGEST = 512 * 1024;
const FILES = 2000;
const TESTS = 200;

const TEXT =
  /\.([cm]?[jt]sx?|py|go|json|toml|ini|cfg|ya?ml|mk)$|(^|\/)([Mm]akefile|GNUmakefile|\.mocharc|\.coveragerc)$/;
/** Others' code, which nobody reads line by line. */
const FOREIGN = /(^|\/)(node_modules|site-packages|vendor|\.git|\.venv|venv|dist|build|target)\//;

function textAt(place: Buffer): string | undefined {
  const stats = statOf(place);
  if (!stats?.isFile() || stats.size > LARGEST) return undefined;
  try {
    return readFileSync(place, 'utf8');
  } catch {
    return undefined;
  }
}

export interface LeftBy {
  changes: Changes;
  /** the original, absolute */
  lower: string;
  /** where what was added or changed lies, absolute */
  upper: string;
  /** `objective.success.protect` */
  protect: readonly string[];
}

/** Both, read when they are asked for. */
export const leftBy = (sides: LeftBy) => ({
  changes: () => changedTexts(sides),
  tests: () => testTexts(sides),
});

function changedTexts({ changes, lower, upper, protect }: LeftBy): ChangedText[] {
  const [root, layer] = [Buffer.from(lower), Buffer.from(upper)];
  const decides = matchPath(protect);
  return changes.changes
    .filter(({ kind, shown }) => kind !== 'mode' && TEXT.test(shown) && !FOREIGN.test(`/${shown}`))
    .slice(0, FILES)
    .map(({ path, kind, from }) => ({
      path: path.toString(),
      before: kind === 'added' ? undefined : textAt(joinPath(root, from ?? path)),
      after: kind === 'deleted' ? undefined : textAt(joinPath(layer, path)),
      protected: decides(path),
    }))
    .filter(({ before, after }) => before !== undefined || after !== undefined);
}

/** Texts of what decides success, as they were. */
function testTexts({ lower, protect }: Pick<LeftBy, 'lower' | 'protect'>): string[] {
  const decides = matchPath(protect);
  const root = Buffer.from(lower);
  const texts: string[] = [];
  const walk = (folder: Buffer, depth: number): void => {
    for (const name of namesIn(folder.length === 0 ? root : joinPath(root, folder))) {
      if (texts.length >= TESTS || depth > 12) return;
      const path = folder.length === 0 ? name : joinPath(folder, name);
      if (FOREIGN.test(`/${path}/`)) continue;
      const stats = statOf(joinPath(root, path));
      if (stats?.isDirectory()) walk(path, depth + 1);
      else if (stats?.isFile() && decides(path)) {
        const text = textAt(joinPath(root, path));
        if (text !== undefined) texts.push(text);
      }
    }
  };
  walk(Buffer.alloc(0), 0);
  return texts;
}
