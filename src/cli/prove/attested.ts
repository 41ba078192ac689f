/**
 * Whether a proof that is remembered has left a statement by this very program: asked each time, so it only looks at names and stamps.
 *
 * @module
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from '../folders.ts';
import { installation } from '../installation.ts';

/** A statement about this contract is kept, whatever it says. */
export function isAttested(contract: string): boolean {
  try {
    const start = `proof.${contract.slice(0, 16)}.`;
    return readdirSync(folders().attestations).some((name) => name.startsWith(start));
  } catch {
    return false;
  }
}

/** What changes whenever a file of `dist` does: names, sizes, inodes, and times of change, which nobody can set. */
export function programStamp(): string {
  const dist = join(installation().root, 'dist');
  const stamp = (folder: string): string[] =>
    readdirSync(folder)
      .filter((name) => /\.m?js$/.test(name))
      .map((name) => {
        const { ino, size, ctimeNs } = lstatSync(join(folder, name), { bigint: true });
        return `${name} ${ino} ${size} ${ctimeNs}`;
      });
  return [...stamp(dist), ...stamp(join(dist, 'chunks'))].join('\n');
}
