import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Everything that a verdict rests on, in an order that is always the same. */
function verifierHash(): string {
  const root = join(import.meta.dirname, '../../../..');
  const own = globSync('src/prove/artefacts/{filter,solver}/*.ts', { cwd: root })
    .filter((path) => !path.endsWith('.test.ts') && !/\/(verifier|check|index)\.ts$/.test(path))
    .sort();
  expect(own.length).toBeGreaterThan(8);
  const hash = createHash('sha256');
  for (const path of [...own, 'src/contract/filter.ts'])
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  const manifest = createRequire(import.meta.url).resolve('z3-solver/package.json');
  hash.update(`z3-solver ${JSON.parse(readFileSync(manifest, 'utf8')).version}`);
  return hash.digest('hex');
}

it('the hash of the prover is current (else run vitest with -u)', async () => {
  const text = `/**
 * The prover's own hash: over its sources and z3's version. Proofs that another prover made are not taken for this one's.
 * Written by \`vitest run src/prove/artefacts/filter -u\`.
 *
 * @module
 */
export const VERIFIER = '${verifierHash()}';
`;
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'verifier.ts'));
});
