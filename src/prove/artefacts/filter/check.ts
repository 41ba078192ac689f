/**
 * The question before a filter is loaded: is it proved? Looked up first, proved where it is not, with z3 loaded only then.
 *
 * @module
 */
import type { FilterSpecification } from '../../../contract/index.ts';
import type { Solver } from '../solver/index.ts';
import { type ProofKey, type ProofStore, proofKey } from '../store/index.ts';
import type { FilterVerdict } from './prove.ts';
import { VERIFIER } from './verifier.ts';

/** A table as a text that is the same for the same table. */
function textOf(specification: FilterSpecification): string {
  try {
    return JSON.stringify(specification);
  } catch {
    // only tables that compare whole arguments hold integers that JSON has no form for; a replacer for all would cost a millisecond
    return JSON.stringify(specification, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  }
}

/** The key of the proof that a program is its table. */
export function filterKey(program: Uint8Array, specification: FilterSpecification): ProofKey {
  return proofKey({ artefact: program, specification: textOf(specification), verifier: VERIFIER });
}

/** Where a verdict comes from: a proof that was found, or z3, just now. */
export type CheckedFilter = FilterVerdict & { from: 'installation' | 'state' | 'solver' };

/**
 * Whether a filter is its table. A proof that is made is kept; only proofs are.
 *
 * @param what names the filter for people who look into the store
 * @param given a solver to ask; without one a solver is started where one is needed, and ended
 */
export async function checkFilter(
  program: Uint8Array,
  specification: FilterSpecification,
  store: ProofStore,
  what = 'a filter',
  given?: Solver,
): Promise<CheckedFilter> {
  const key = filterKey(program, specification);
  const found = store.find(key);
  if (found !== undefined) return { verdict: 'proved', from: found };
  const [{ proveFilter }, { openSolver }] = await Promise.all([
    import('./prove.ts'),
    import('../solver/index.ts'),
  ]);
  const solver = given ?? openSolver();
  try {
    const verdict = await proveFilter(program, specification, solver);
    if (verdict.verdict === 'proved') store.keep(key, what);
    return { ...verdict, from: 'solver' };
  } finally {
    if (given === undefined) await solver[Symbol.asyncDispose]();
  }
}
