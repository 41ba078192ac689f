/**
 * The catalogue as one JSON file, made when the program is built: reading YAML takes a hundred times as long.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Catalogue, joinFamilies, type LoadedCatalogue } from './load.ts';

interface Compiled {
  /** SHA-256 over the names and texts that it was made from, lower-case hex */
  digest: string;
  catalogue: Catalogue;
}

type Texts = readonly (readonly [file: string, content: string])[];

function readTexts(folder: string): Texts {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((file) => [file, readFileSync(join(folder, file), 'utf8')]);
}

function digestOf(texts: Texts): string {
  const hash = createHash('sha256');
  for (const [file, content] of texts) hash.update(JSON.stringify([file, content]));
  return hash.digest('hex');
}

/** Reads all `*.yaml` of a folder. Throws only where the folder cannot be read. */
export const loadCatalogue = (folder: string): LoadedCatalogue => joinFamilies(readTexts(folder));

/** The text of the compiled file. Throws where the catalogue is not valid. */
export function compileCatalogue(folder: string): string {
  const texts = readTexts(folder);
  const loaded = joinFamilies(texts);
  if (!loaded.ok) throw new Error(`the catalogue in ${folder} is not valid: ${loaded.problems[0]?.message}`);
  const compiled: Compiled = { digest: digestOf(texts), catalogue: loaded.catalogue };
  return JSON.stringify(compiled);
}

/**
 * The catalogue of a folder; from the compiled file where that was made from exactly these texts.
 *
 * @returns also the digest of the texts, by which proofs name the catalogue that they rest on
 */
export function openCatalogue(folder: string, compiled: string): LoadedCatalogue & { digest: string } {
  const texts = readTexts(folder);
  const digest = digestOf(texts);
  const known = readCompiled(compiled);
  if (known?.digest === digest) return { ok: true, catalogue: known.catalogue, digest };
  return { ...joinFamilies(texts), digest };
}

function readCompiled(path: string): Compiled | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Compiled;
  } catch {
    return undefined; // not built, or not whole: the texts are there
  }
}
