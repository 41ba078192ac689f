/**
 * Tests of whole 64-bit arguments: orderings, masks, several at once. Compiled, interpreted at every boundary, and proved.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { ArgumentTest, Comparison } from '../../contract/index.ts';
import { interpreterOf, meaningOf, proveFilter, wantedOf } from '../../prove/artefacts/filter/index.ts';
import { openSolver } from '../../prove/artefacts/solver/index.ts';
import {
  AUDIT_ARCH,
  allow,
  compileSeccomp,
  type Decision,
  fail,
  notify,
  type Policy,
  type SyscallName,
  specificationOf,
} from './index.ts';

const solver = openSolver();
afterAll(() => solver[Symbol.asyncDispose]());

const COMPARISONS: Comparison[] = ['equal', 'not-equal', 'less', 'at-most', 'at-least', 'greater'];
const ALL = (1n << 64n) - 1n;
/** Where halves meet. */
const EDGES = [0n, 1n, 0xffffffffn, 1n << 32n, (1n << 32n) + 1n, 5n << 32n, (5n << 32n) | 7n, 1n << 63n, ALL];

const policyOf = (decision: Decision): Policy => ({
  rules: new Map<SyscallName, Decision>([['getppid', decision]]),
  otherwise: fail('ENOSYS'),
});
const whole = (compares: Comparison, to: bigint, arg = 1): ArgumentTest => ({
  arg,
  is: 'wide',
  compares,
  to,
});

/** The constants of a decision and their neighbours, with edges of halves: where its answers change. */
function interesting(decision: Decision): bigint[] {
  const values = new Set(EDGES);
  const visitTest = (test: ArgumentTest): void => {
    if (test.is === 'all') test.of.forEach(visitTest);
    else if (test.is === 'wide')
      for (const near of [-1n, 0n, 1n]) values.add(BigInt.asUintN(64, test.to + near));
  };
  const visit = (at: Decision): void => {
    if ('do' in at) return;
    visitTest(at.test);
    visit(at.yes);
    visit(at.no);
  };
  visit(decision);
  return [...values];
}

/** Calls for which the compiled filter and the policy differ. */
function differences(decision: Decision): unknown[] {
  const policy = policyOf(decision);
  const specification = specificationOf(policy, 'x86_64');
  const run = interpreterOf(compileSeccomp(policy, 'x86_64'));
  const values = interesting(decision);
  const found: unknown[] = [];
  for (const first of values)
    for (const second of values.length > 60 ? EDGES : values) {
      const call = { nr: 110, arch: AUDIT_ARCH.x86_64, args: [first, second, first ^ second] };
      const got = meaningOf(run(call).verdict);
      if (got !== wantedOf(specification, call)) found.push({ call, got });
    }
  return found;
}

const prove = (decision: Decision) => {
  const policy = policyOf(decision);
  return proveFilter(compileSeccomp(policy, 'x86_64'), specificationOf(policy, 'x86_64'), solver);
};

/** A range, a hole in it, and a mask: several orderings of one argument, with something in the high half of each. */
const SEVERAL: Decision = {
  test: {
    is: 'all',
    of: [
      whole('greater', 4n),
      whole('at-most', (7n << 32n) | 9n),
      whole('not-equal', 1n << 32n),
      { arg: 1, is: 'wide', compares: 'equal', to: 1n << 33n, mask: (3n << 33n) | 1n },
      whole('less', 9n << 32n),
    ],
  },
  yes: allow,
  no: { test: whole('at-least', (8n << 32n) | 1n), yes: notify, no: fail('EPERM') },
};

describe('a test of a whole argument', () => {
  it.each(COMPARISONS)('compiles: %s', async (compares) => {
    for (const to of EDGES)
      expect(differences({ test: whole(compares, to), yes: allow, no: notify })).toEqual([]);
    expect(await prove({ test: whole(compares, (5n << 32n) | 7n), yes: allow, no: notify })).toEqual({
      verdict: 'proved',
    });
  });

  it('may be one of several of the same argument', async () => {
    expect(differences(SEVERAL)).toEqual([]);
    expect(await prove(SEVERAL)).toEqual({ verdict: 'proved' });
  });

  it('is not confused with one of the low half', async () => {
    const wide = policyOf({ test: whole('less', 5n), yes: allow, no: notify });
    const mixed = policyOf({
      test: { is: 'all', of: [whole('less', 5n), { arg: 1, is: 'any-bit', mask: 0xffffffff }] },
      yes: allow,
      no: notify,
    });
    const answer = await proveFilter(
      compileSeccomp(wide, 'x86_64'),
      specificationOf(mixed, 'x86_64'),
      solver,
    );
    expect(answer).toMatchObject({ verdict: 'refuted', counterExample: { call: { nr: 110 } } });
  });
});

const value = fc.oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: 0n, max: ALL }));
const test: fc.Arbitrary<ArgumentTest> = fc.letrec<{ test: ArgumentTest; simple: ArgumentTest }>((tie) => ({
  simple: fc.oneof(
    fc.record({
      arg: fc.nat(2),
      is: fc.constant('wide' as const),
      compares: fc.constantFrom(...COMPARISONS),
      to: value,
    }),
    fc.record({
      arg: fc.nat(2),
      is: fc.constant('wide' as const),
      compares: fc.constantFrom(...COMPARISONS),
      to: value,
      mask: value,
    }),
    fc.record({ arg: fc.nat(2), is: fc.constant('any-bit' as const), mask: fc.nat(0xffffffff) }),
  ),
  test: fc.oneof(
    tie('simple'),
    fc.record({ is: fc.constant('all' as const), of: fc.array(tie('simple'), { maxLength: 4 }) }),
  ),
})).test;
const decision: fc.Arbitrary<Decision> = fc.letrec<{ decision: Decision }>((tie) => ({
  decision: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<Decision>(allow, notify, fail('EPERM')),
    fc.record({ test, yes: tie('decision'), no: tie('decision') }),
  ),
})).decision;

describe('decisions at random', () => {
  it('compile to what they say', () => {
    fc.assert(
      fc.property(decision, (drawn) => {
        expect(differences(drawn)).toEqual([]);
      }),
      { numRuns: 300, seed: 64 },
    );
  });

  it('are proved', async () => {
    for (const drawn of fc.sample(decision, { numRuns: 25, seed: 65 }))
      expect([await prove(drawn), drawn]).toEqual([{ verdict: 'proved' }, drawn]);
  });
});

describe('long code', () => {
  const long = (count: number): Decision => {
    let chain: Decision = notify;
    for (let index = 0; index < count; index++)
      chain = { test: whole('equal', BigInt(index) << 31n), yes: fail('EPERM'), no: chain };
    return chain;
  };

  it('is jumped over', async () => {
    const drawn: Decision = { test: whole('at-least', 3n, 0), yes: long(90), no: long(70) };
    expect(differences(drawn)).toEqual([]);
    expect(await prove(drawn)).toEqual({ verdict: 'proved' });
  });

  it('of one test with many parts is, too', async () => {
    const of = Array.from({ length: 120 }, (_, index) => whole('not-equal', BigInt(index) << 31n, index % 3));
    const drawn: Decision = { test: { is: 'all', of }, yes: allow, no: long(70) };
    expect(differences(drawn)).toEqual([]);
    expect(await prove(drawn)).toEqual({ verdict: 'proved' });
  });
});
