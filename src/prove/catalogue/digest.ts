/**
 * The catalogue's texts, their digest, and whether they changed, without reading what is in them.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Texts = readonly (readonly [file: string, content: string])[];

const filesOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();

/**
 * What changes whenever one of the files does: names, sizes, inodes, and times of change, which nobody can set. It costs
 * a tenth of what their digest does, and says nothing beyond this machine.
 */
export function stampOf(folder: string): string {
  const stamps = filesOf(folder).map((file) => {
    const { dev, ino, size, ctimeNs } = lstatSync(join(folder, file), { bigint: true });
    return `${file} ${dev} ${ino} ${size} ${ctimeNs}`;
  });
  return stamps.join('\n');
}

/** All `*.yaml` of a folder. Throws only where it cannot be read. */
export function readTexts(folder: string): Texts {
  return filesOf(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]);
}

/** SHA-256 over names and texts, lower-case hex: by it proofs name the catalogue that they rest on. */
export function digestOf(texts: Texts): string {
  // in one go: a hash that is fed loads Node's streams
  return hash('sha256', texts.map((text) => JSON.stringify(text)).join(''));
}
