/**
 * Opens the catalogue without what reads YAML, where the compiled file is that of the texts.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import type { Compiled } from './compiled.ts';
import { digestOf, readTexts } from './digest.ts';
import type { LoadedCatalogue } from './load.ts';

/**
 * The catalogue of a folder; from the compiled file where that was made from exactly these texts.
 *
 * @returns also the digest of the texts, by which proofs name the catalogue that they rest on
 */
export async function openCatalogue(
  folder: string,
  compiled: string,
): Promise<LoadedCatalogue & { digest: string }> {
  const texts = readTexts(folder);
  const digest = digestOf(texts);
  const known = readCompiled(compiled);
  if (known?.digest === digest) return { ok: true, catalogue: known.catalogue, digest };
  const { joinFamilies } = await import('./load.ts');
  return { ...joinFamilies(texts), digest };
}

function readCompiled(path: string): Compiled | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Compiled;
  } catch {
    return undefined; // not built, or not whole: the texts are there
  }
}
