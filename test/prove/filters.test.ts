/**
 * Every filter that a plan can load is proved to be its policy, by z3, for all inputs.
 */
import { afterAll, describe, expect, it } from 'vitest';
import {
  type Architecture,
  cellPolicy,
  compileSeccomp,
  type PolicyOptions,
  specificationOf,
} from '../../src/cell/seccomp/index.ts';
import { proveFilter } from '../../src/prove/artefacts/filter/index.ts';
import { openSolver } from '../../src/prove/artefacts/solver/index.ts';

const solver = openSolver();
afterAll(() => solver[Symbol.asyncDispose]());

const OPTIONS: PolicyOptions[] = [
  { fileEvents: 'on', affinity: 'allow', fileTables: 'separate' },
  { fileEvents: 'on', affinity: 'deny', fileTables: 'shared', memoryFiles: 'sealed', setIds: 'deny' },
  { fileEvents: 'off', affinity: 'allow', fileTables: 'separate', supervisor: 'kernel' },
];

describe.each(['x86_64', 'aarch64'] as const)('on %s', (architecture: Architecture) => {
  it.each(OPTIONS)('the filter of %j is its policy', async (options) => {
    const policy = cellPolicy(options);
    const program = compileSeccomp(policy, architecture);
    expect(await proveFilter(program, specificationOf(policy, architecture), solver)).toEqual({
      verdict: 'proved',
    });
  });
});
