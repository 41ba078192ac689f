/**
 * The catalogue as one JSON file, made when the program is built: reading YAML takes a hundred times as long.
 *
 * @module
 */
import { intersect, parsePath } from '../patterns/index.ts';
import { digestOf, readTexts } from './digest.ts';
import { type Catalogue, joinFamilies, type LoadedCatalogue } from './load.ts';

export interface Compiled {
  /** SHA-256 over the names and texts that it was made from, lower-case hex */
  digest: string;
  catalogue: Catalogue;
}

/** Reads all `*.yaml` of a folder. Throws only where the folder cannot be read. */
export const loadCatalogue = (folder: string): LoadedCatalogue => joinFamilies(readTexts(folder));

/** The text of the compiled file. Throws where the catalogue is not valid. */
export function compileCatalogue(folder: string): string {
  const texts = readTexts(folder);
  const loaded = joinFamilies(texts);
  if (!loaded.ok) throw new Error(`the catalogue in ${folder} is not valid: ${loaded.problems[0]?.message}`);
  const { catalogue } = loaded;
  const compiled: Compiled = {
    digest: digestOf(texts),
    catalogue: { ...catalogue, words: shortestWords(catalogue) },
  };
  return JSON.stringify(compiled);
}

/** For each pattern of a trigger that can match below any folder: a path, as it is found for who may write everything. */
function shortestWords({ affordances }: Catalogue): Record<string, string> {
  const everything = parsePath('**');
  const words: Record<string, string> = {};
  for (const { kind, match } of affordances)
    for (const text of kind === 'trigger' ? (match.path ?? []) : []) {
      const parsed = parsePath(text);
      if (!everything.ok || !parsed.ok || /^[~/]/.test(text)) continue;
      const found = intersect([everything.pattern], [parsed.pattern]);
      if (found.ok && found.word !== undefined) words[text] = found.word;
    }
  return words;
}
