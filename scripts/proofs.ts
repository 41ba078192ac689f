/**
 * Proves every filter that plans can load, and writes which were proved into `dist/proofs.json`, so that a first run need not wait.
 * Proofs of the build before this one are taken over by their hashes. Without z3 nothing is written: filters are then proved when they
 * are first loaded.
 *
 * Usage: proofs.ts [all]: for every architecture, not for this machine's alone.
 *
 * @module
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadableFilters } from '../src/cell/filters/index.ts';
import { checkFilter, filterKey, VERIFIER } from '../src/prove/artefacts/filter/index.ts';
import { openSolver } from '../src/prove/artefacts/solver/index.ts';
import { openProofs, type ShippedProofs } from '../src/prove/artefacts/store/index.ts';

const path = join(import.meta.dirname, '..', 'dist', 'proofs.json');
const own = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const architectures = process.argv[2] === 'all' ? (['x86_64', 'aarch64'] as const) : ([own] as const);

const proofs: Record<string, string> = {};
const store = openProofs({ shipped: path });
await using solver = openSolver();
let made = 0;
for (const { name, program, specification } of architectures.flatMap(loadableFilters)) {
  const verdict = await checkFilter(program, specification, store, name, solver);
  if (verdict.verdict === 'refuted')
    throw new Error(`the filter "${name}" is not its policy: ${verdict.problem}`);
  if (verdict.verdict === 'unknown') {
    console.error(`proofs: not proved, so it is proved when it is first loaded: ${name}: ${verdict.reason}`);
    break;
  }
  if (verdict.from === 'solver') made++;
  proofs[filterKey(program, specification)] = name;
}
const shipped: ShippedProofs = { verifier: VERIFIER, proofs };
writeFileSync(`${path}.new`, `${JSON.stringify(shipped, null, 1)}\n`);
renameSync(`${path}.new`, path);
if (made > 0) console.error(`proofs: ${made} of ${Object.keys(proofs).length} filters proved anew`);
