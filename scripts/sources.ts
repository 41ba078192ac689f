/**
 * The hash of everything that a shipped filter rests on: policies, their compiler, and what proves them.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export function filterSources(root: string): string {
  const patterns = [
    'src/cell/seccomp/*.ts',
    'src/cell/filters/*.ts',
    'src/cell/reduced/policy.ts',
    'src/contract/filter.ts',
    'src/prove/artefacts/{filter,gate}/*.ts',
  ];
  const hash = createHash('sha256');
  for (const path of globSync(patterns, { cwd: root }).sort())
    if (!path.endsWith('.test.ts'))
      hash
        .update(`${path}\0`)
        .update(readFileSync(join(root, path)))
        .update('\0');
  return hash.digest('hex');
}
