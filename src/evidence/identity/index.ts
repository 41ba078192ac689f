/**
 * What runs here, by digest: code, launcher, kernel. Loaded by every run, so that its record says what it ran with.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { machine, release, version } from 'node:os';
import { join } from 'node:path';

/** The code of an installation: that of `dist`, or `src` itself. */
export interface Code {
  readonly root: string;
  readonly code: 'dist' | 'src';
}

/** `undefined`: it cannot be read. */
export const digestOfFile = (path: string): string | undefined => {
  try {
    return hash('sha256', readFileSync(path));
  } catch {
    return undefined;
  }
};

export const namesIn = (folder: string, ending: RegExp): string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => ending.test(name))
      .sort();
  } catch {
    return [];
  }
};

/** Release, version and machine of the kernel that runs, in words. */
export const kernelWords = (): string => `${release()} ${version()} ${machine()}`;

/** Digest over the names and digests of files, in order of names. */
const digestOfFiles = (folder: string, names: readonly string[]): string =>
  hash(
    'sha256',
    [...names]
      .sort()
      .map((name) => `${name}\0${hash('sha256', readFileSync(join(folder, name)))}\n`)
      .join(''),
  );

/** Chunks of the last build: those of the build before it lie beside them, for programs that still run. A package has no list, and no others. */
function chunksOf(dist: string): string[] {
  const list = join(dist, '.chunks.json');
  if (!existsSync(list)) return namesIn(join(dist, 'chunks'), /\.js$/).map((name) => `chunks/${name}`);
  const names = JSON.parse(readFileSync(list, 'utf8')) as string[];
  return names.filter((name) => /^chunks\/[\w.-]+\.js$/.test(name));
}

/** The code that runs: every file of `dist` that is JavaScript, or every source that is no test. */
export function programDigest({ root, code }: Code): string | undefined {
  try {
    if (code === 'dist') {
      const dist = join(root, 'dist');
      return digestOfFiles(dist, [...namesIn(dist, /\.m?js$/), ...chunksOf(dist)]);
    }
    const names = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() && /\.ts$/.test(entry.name) && !/\.(test|fixture|bench)\.ts$/.test(entry.name),
      )
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
    return digestOfFiles(root, names);
  } catch {
    return undefined;
  }
}

/** SHA-256 of {@link kernelWords}. */
export const kernelDigest = (): string => hash('sha256', kernelWords());
