/**
 * Proves filters in a new process, nothing known before, and prints times and the solver's memory as JSON.
 *
 *     node filters.mts
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { loadableFilters } from '../src/cell/filters/index.ts';
import { filterKey, proveFilter } from '../src/prove/artefacts/filter/index.ts';
import { openSolver } from '../src/prove/artefacts/solver/index.ts';

const filters = loadableFilters(process.arch === 'arm64' ? 'aarch64' : 'x86_64');
// what one run loads: a cell's filter and a helper's
const loaded = ['cell', 'helper'].map((kind) => filters.find(({ name }) => name.startsWith(kind)));

const began = performance.now();
const solver = openSolver();
const each: number[] = [];
for (const filter of loaded) {
  if (filter === undefined) throw new Error('a filter that plans load is not among those that they can load');
  const start = performance.now();
  const { verdict } = await proveFilter(filter.program, filter.specification, solver);
  if (verdict !== 'proved') throw new Error(`${filter.name}: ${verdict}`);
  each.push(performance.now() - start);
}
const cold = performance.now() - began;
const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${solver.pid}/status`, 'utf8'))?.[1];
await solver[Symbol.asyncDispose]();

const [first] = loaded;
const known = performance.now();
if (first) filterKey(first.program, first.specification);
const key = performance.now() - known;
console.log(JSON.stringify({ cold, warm: each[1], key, megabytes: Number(peak) / 1000 }));
