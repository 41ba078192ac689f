/**
 * Whether a file is one of the programs that a contract lists, or what the kernel opens to execute one of them.
 *
 * @module
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { look, real } from './paths.ts';
import type { CellFacts } from './types.ts';

/** How many interpreters follow each other: a script's, and the loader of its program. */
const CHAIN = 4;

/** `path` as the plan names it: links followed. */
export function isListed(path: string, { contract, host }: Pick<CellFacts, 'contract' | 'host'>): boolean {
  if (contract.programs === 'any') return true;
  const folders = (host.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  for (const name of contract.programs) {
    const places = name.startsWith('~/')
      ? [host.home + name.slice(1)]
      : name.startsWith('/')
        ? [name]
        : folders.map((folder) => `${folder}/${name}`);
    const found = places.map(real).find((place) => place !== undefined && isProgram(place));
    let file = found;
    for (let step = 0; step < CHAIN && file !== undefined; step += 1) {
      if (file === path) return true;
      const next = opener(file);
      file = next === undefined ? undefined : real(next);
    }
  }
  return false;
}

function isProgram(path: string): boolean {
  const stats = look(path);
  return stats?.isFile() === true && (stats.mode & 0o111) !== 0;
}

/** The program after `#!` (execve(2)), or the loader in PT_INTERP (elf(5)). */
function opener(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const head = Buffer.alloc(4096);
    const size = readSync(descriptor, head, 0, head.length, 0);
    if (head[0] === 0x23 && head[1] === 0x21)
      return /^#!\s*(\S+)/.exec(head.toString('latin1', 0, size))?.[1];
    if (head.toString('latin1', 0, 4) !== '\x7fELF' || head[4] !== 2) return undefined;
    const [offset, width, count] = [
      Number(head.readBigUInt64LE(0x20)),
      head.readUInt16LE(0x36),
      head.readUInt16LE(0x38),
    ];
    for (let at = offset; at < offset + width * count && at + 40 <= size; at += width) {
      if (head.readUInt32LE(at) !== 3) continue;
      const text = Buffer.alloc(Math.min(4096, Number(head.readBigUInt64LE(at + 32))));
      readSync(descriptor, text, 0, text.length, Number(head.readBigUInt64LE(at + 8)));
      const end = text.indexOf(0);
      return text.toString('utf8', 0, end < 0 ? text.length : end);
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
