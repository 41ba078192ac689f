/**
 * Proves every filter that plans can load, and writes which were proved into `dist/proofs.json`, so that a first run need not wait.
 * Proofs of the build before this one are taken over by their hashes. Without z3 they are not written: filters are then proved when they
 * are first loaded.
 *
 * Usage: proofs.ts [all]: for every architecture, not for this machine's alone.
 *
 * @module
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedFilters } from '../src/cell/filters/index.ts';
import { filterOperations, type ShippedFilter } from '../src/cell/seccomp/index.ts';
import { checkFilter, filterKey, VERIFIER } from '../src/prove/artefacts/filter/index.ts';
import { textBreaches } from '../src/prove/artefacts/gate/index.ts';
import { openSolver } from '../src/prove/artefacts/solver/index.ts';
import { openProofs, type ShippedProofs } from '../src/prove/artefacts/store/index.ts';
import { filterSources } from './sources.ts';

const root = join(import.meta.dirname, '..');
const path = join(root, 'dist', 'proofs.json');
const folder = join(root, 'dist', 'filters');
const sources = filterSources(root);
const own = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const architectures = process.argv[2] === 'all' ? (['x86_64', 'aarch64'] as const) : ([own] as const);

const proofs: Record<string, string> = {};
const store = openProofs({ shipped: path });
await using solver = openSolver();
let made = 0;
const texts: [string, ShippedFilter][] = [];
for (const filter of architectures.flatMap(namedFilters)) {
  const { name, key, program, specification, text, refused } = filter;
  const kind = key.startsWith('helper') ? 'confined' : 'cell';
  const [wrong] = textBreaches([['kind', kind, 'run'], ...filterOperations(text)], {
    specification,
    refused,
  });
  if (kind === 'cell' && wrong) throw new Error(`the filter "${name}" is told wrongly: ${wrong.says}`);
  if (proofs[filterKey(program, specification)] !== undefined) {
    texts.push([key, { sources, ...text }]);
    continue;
  }
  const verdict = await checkFilter(program, specification, store, name, solver);
  if (verdict.verdict === 'refuted')
    throw new Error(`the filter "${name}" is not its policy: ${verdict.problem}`);
  if (verdict.verdict === 'unknown') {
    console.error(`proofs: not proved, so it is proved when it is first loaded: ${name}: ${verdict.reason}`);
    break;
  }
  if (verdict.from === 'solver') made++;
  proofs[filterKey(program, specification)] = name;
  texts.push([key, { sources, ...text }]);
}
const shipped: ShippedProofs = { verifier: VERIFIER, proofs };
writeFileSync(`${path}.new`, `${JSON.stringify(shipped, null, 1)}\n`);
renameSync(`${path}.new`, path);
// what was proved and lies beside this program need neither be compiled nor proved when it starts (src/cell/seccomp/loadable.ts)
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const [key, filter] of texts) writeFileSync(join(folder, `${key}.json`), JSON.stringify(filter));
if (made > 0) console.error(`proofs: ${made} of ${Object.keys(proofs).length} filters proved anew`);
