/**
 * A machine with a fault: its production source with one piece of text replaced, loaded as a module of its own.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Mutant {
  /** what goes wrong with it */
  fault: string;
  /** path of the source, from the root of the repository */
  file: string;
  from: string;
  to: string;
}

/** The source with the fault. Throws where the text is not there exactly once: the mutant is of another version. */
export function mutated({ file, from, to }: Mutant): string {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const places = source.split(from).length - 1;
  if (places !== 1) throw new Error(`${file} has ${places} times: ${from}`);
  return source.replace(from, () => to);
}

/** Loads a TypeScript source as a module; what it imports is the production's. */
export async function loadMutant<Module>(mutant: Mutant): Promise<Module> {
  const made = mkdtempSync(join(tmpdir(), 'ringfence-mutant-'));
  const folder = dirname(join(ROOT, mutant.file));
  const source = mutated(mutant).replace(
    /from '(\.[^']*)'/g,
    (_, path: string) => `from '${pathToFileURL(resolve(folder, path)).href}'`,
  );
  const path = join(made, 'mutant.ts');
  try {
    writeFileSync(path, source);
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Module;
  } finally {
    rmSync(made, { recursive: true });
  }
}
