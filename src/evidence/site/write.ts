/**
 * Puts a site into a folder: all of it or nothing, and never over what is somebody else’s.
 *
 * @module
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { SiteFile } from './site.ts';

/** Names every file of the site: what else lies in the folder is not ours to remove. */
const MARK = 'site.json';
const FORMAT = 'ringfence-evidence-site';

/** The folder holds something else, or cannot be written. */
export class SiteFolderError extends Error {
  override readonly name = 'SiteFolderError';
  readonly code = 'site-folder';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory()
        ? [`${entry.name}/`, ...listFiles(join(folder, entry.name)).map((below) => `${entry.name}/${below}`)]
        : [entry.name],
    )
    .sort();
}

/** Paths that a site of ours says it wrote; undefined where none says so. */
function markedFiles(folder: string): ReadonlySet<string> | undefined {
  try {
    const { format, files } = JSON.parse(readFileSync(join(folder, MARK), 'utf8')) as {
      format?: unknown;
      files?: unknown;
    };
    return format === FORMAT && Array.isArray(files)
      ? new Set(files.filter((file) => typeof file === 'string'))
      : undefined;
  } catch {
    return undefined;
  }
}

/** @throws SiteFolderError where something lies there that no site of ours wrote */
function requireOurs(folder: string): void {
  const present = listFiles(folder);
  if (present.length === 0) return;
  const marked = markedFiles(folder);
  const hint = 'name an empty folder, a new one, or one that an earlier export wrote';
  if (!marked) throw new SiteFolderError(`${folder} holds something else: ${present[0]}`, hint);
  const parents = new Set([...marked].map((file) => `${file.split('/')[0]}/`));
  const foreign = present.find((path) => path !== MARK && !marked.has(path) && !parents.has(path));
  if (foreign !== undefined)
    throw new SiteFolderError(`${folder} holds something that the export did not write: ${foreign}`, hint);
}

/** Where the folder is, through links; it need not be there yet. */
function placeOf(written: string): string {
  const path = resolve(written);
  if (!existsSync(path)) {
    if (lstatSync(path, { throwIfNoEntry: false }))
      throw new SiteFolderError(`${path} is a link to nothing`, 'name a folder');
    return path;
  }
  const real = realpathSync(path);
  if (!lstatSync(real).isDirectory()) throw new SiteFolderError(`${path} is no folder`, 'name a folder');
  return real;
}

/**
 * Writes the files beside the folder and puts them in its place with a rename, so that readers find the old site or the new one.
 *
 * @throws SiteFolderError where the folder holds something else
 * @throws Error of the file system where it cannot be written; the folder is then as it was
 */
export function writeSite(written: string, files: readonly SiteFile[]): string {
  const folder = placeOf(written);
  const isThere = existsSync(folder);
  if (isThere) requireOurs(folder);
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true });
  const beside = mkdtempSync(join(parent, `.${basename(folder)}.`));
  const [fresh, old] = [join(beside, 'new'), join(beside, 'old')];
  try {
    mkdirSync(fresh);
    const mark = {
      format: FORMAT,
      version: 1,
      about:
        'Written by ringfence evidence export --site, which replaces the folder as long as it holds these files alone.',
      files: files.map(({ path }) => path),
    };
    for (const { path, text } of [...files, { path: MARK, text: `${JSON.stringify(mark, null, 2)}\n` }]) {
      mkdirSync(dirname(join(fresh, path)), { recursive: true });
      writeFileSync(join(fresh, path), text, { flag: 'wx' });
    }
    if (isThere) renameSync(folder, old);
    try {
      renameSync(fresh, folder);
    } catch (error) {
      if (isThere) renameSync(old, folder);
      throw error;
    }
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  return folder;
}
