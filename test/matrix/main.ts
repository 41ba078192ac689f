/**
 * The matrix by hand: `node test/matrix/main.ts [--identity root|user] [--mode bare|cell|both] [--target TEMPLATE]
 * [--contract FILE] [ID...]`; with a contract the plain attempts run under what it opens.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { loadContract } from '../../src/contract/index.ts';
import { opensOf } from './contracts.ts';
import { joinResults, table } from './report.ts';
import { isRoot, runWorld } from './world.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    identity: { type: 'string', default: isRoot() ? 'root' : 'user' },
    mode: { type: 'string', default: 'both' },
    contract: { type: 'string', default: '' },
    target: { type: 'string', default: process.env.RINGFENCE_MATRIX_TARGET ?? '' },
  },
});
const identity = values.identity === 'root' ? 'root' : 'user';
const loaded = values.contract === '' ? undefined : loadContract(values.contract);
if (loaded && !loaded.ok) throw new Error(`${values.contract}: ${loaded.problems[0]?.message}`);
const common = {
  identity,
  only: positionals,
  ...(loaded?.ok && { opens: opensOf(loaded.contract) }),
  ...(values.target !== '' && { template: values.target }),
} as const;
const begin = performance.now();
const bare = values.mode === 'cell' ? [] : await runWorld({ ...common, mode: 'bare' });
const between = performance.now();
const cell = values.mode === 'bare' ? [] : await runWorld({ ...common, mode: 'cell' });
console.log(table(`${identity}, ${values.target || 'ringfence'}`, joinResults(bare, cell)));
console.log(`bare ${Math.round(between - begin)} ms, cell ${Math.round(performance.now() - between)} ms`);
