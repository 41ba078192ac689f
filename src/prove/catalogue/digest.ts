/**
 * The catalogue's texts and their digest, without reading what is in them.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Texts = readonly (readonly [file: string, content: string])[];

/** All `*.yaml` of a folder. Throws only where it cannot be read. */
export function readTexts(folder: string): Texts {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((file) => [file, readFileSync(join(folder, file), 'utf8')]);
}

/** SHA-256 over names and texts, lower-case hex: by it proofs name the catalogue that they rest on. */
export function digestOf(texts: Texts): string {
  // in one go: a hash that is fed loads Node's streams
  return hash('sha256', texts.map((text) => JSON.stringify(text)).join(''));
}
