/**
 * Where the files are that belong to this installation: a checkout, the bundle in it, or the installed package.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;

export interface Installation {
  /** Folder that holds `package.json`, `dist/` and `contracts/`. */
  root: string;
  /** The native launcher. It may be missing: whoever starts it says so. */
  launcher: string;
  /** JavaScript or TypeScript file of the gateway process. */
  gateway: string;
  /** of the process that asks judges */
  judge: string;
}

/** The nearest folder above this file that holds a `package.json`: the bundle lies at another depth than the source. */
function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return start;
  }
}

/** Looks only at the file system; costs some stat calls. */
export function installation(): Installation {
  const root = findRoot(import.meta.dirname);
  const bundled = import.meta.dirname.startsWith(join(root, 'dist'));
  return {
    root,
    launcher: join(root, 'dist', 'native', `linux-${process.arch}`, 'ringfence-cell'),
    gateway: bundled ? join(root, 'dist', 'gateway.js') : join(root, 'src', 'gateway', 'main.ts'),
    judge: bundled ? join(root, 'dist', 'judge.js') : join(root, 'src', 'gateway', 'judge', 'main.ts'),
  };
}
