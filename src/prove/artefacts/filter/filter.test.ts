/**
 * Proofs of small filters made by hand, and of what is no filter. Those of the cell's own filters are in `test/prove/filters`.
 */
import { afterAll, describe, expect, it } from 'vitest';
import type { ArgumentTest, Choice, FilterAnswer, FilterSpecification } from '../../../contract/index.ts';
import { openSolver } from '../solver/index.ts';
import { type Instruction, proveFilter } from './index.ts';

const solver = openSolver();
afterAll(() => solver[Symbol.asyncDispose]());

const ALLOW = 0x7fff0000;
const NO = 0x00050026;
const step = (code: number, k: number, jt = 0, jf = 0): Instruction => ({ code, jt, jf, k });
const end = (value: number) => step(0x06, value);
const NATIVE = 0xc000003e;

const table = (...calls: [number, Choice<FilterAnswer>][]): FilterSpecification => ({
  architecture: NATIVE,
  calls,
  otherwise: { do: 'errno', errno: 38 },
});
const onlyIf = (test: ArgumentTest): Choice<FilterAnswer> => ({
  test,
  yes: { do: 'allow' },
  no: { do: 'errno', errno: 38 },
});

/** Looks at the architecture, then at call 7, then goes on with `rest`. */
const forCall7 = (rest: Instruction[]): Instruction[] => [
  step(0x20, 4),
  step(0x15, NATIVE, 1, 0),
  end(NO),
  step(0x20, 0),
  step(0x15, 7, 1, 0),
  end(NO),
  ...rest,
];
const prove = (program: Instruction[], specification: FilterSpecification) =>
  proveFilter(program, specification, solver);

describe('a filter', () => {
  it('is proved to be its table', async () => {
    expect(await prove(forCall7([end(ALLOW)]), table([7, { do: 'allow' }]))).toEqual({ verdict: 'proved' });
  });

  it('is refuted by a call that it decides otherwise', async () => {
    expect(await prove(forCall7([end(ALLOW)]), table([8, { do: 'allow' }]))).toMatchObject({
      verdict: 'refuted',
      counterExample: { call: { arch: NATIVE, ip: 0n, args: [0n, 0n, 0n, 0n, 0n, 0n] } },
    });
  });

  it('is refuted where it does not look at the architecture', async () => {
    const program = [step(0x20, 0), step(0x15, 7, 1, 0), end(NO), end(ALLOW)];
    expect(await prove(program, table([7, { do: 'allow' }]))).toMatchObject({
      verdict: 'refuted',
      problem:
        'call 7 of architecture 0x40000003 with (0x0, 0x0, 0x0, 0x0, 0x0, 0x0) runs; by the table it fails with errno 38',
    });
  });

  it('is refuted where it takes calls of x32', async () => {
    const program = forCall7([end(ALLOW)]);
    program.splice(4, 0, step(0x54, 0xbfffffff));
    expect(await prove(program, table([7, { do: 'allow' }]))).toMatchObject({
      counterExample: { call: { nr: 0x40000007 } },
    });
  });

  it('is refuted where it forgets the high half of an argument', async () => {
    const specification = table([7, onlyIf({ arg: 1, is: 'wide', compares: 'equal', to: 5n })]);
    const low = [step(0x20, 24), step(0x15, 5, 1, 0), end(NO), end(ALLOW)];
    const both = [step(0x20, 28), step(0x15, 0, 1, 0), end(NO), ...low];
    expect(await prove(forCall7(both), specification)).toEqual({ verdict: 'proved' });
    const refuted = await prove(forCall7(low), specification);
    expect(refuted.verdict).toBe('refuted');
    const call = 'counterExample' in refuted ? refuted.counterExample?.call : undefined;
    expect((call?.args[1] ?? 0n) & 0xffffffffn).toBe(5n);
  });

  it('may compute: memory, X, arithmetic, and a return of what was computed', async () => {
    const program = forCall7([
      step(0x20, 16), // A = argument 0
      step(0x02, 3), // M[3] = A
      step(0x61, 3), // X = M[3]
      step(0x1c, 0), // A -= X: always 0
      step(0x44, ALLOW), // A |= ALLOW
      step(0x16, 0),
    ]);
    expect(await prove(program, table([7, { do: 'allow' }]))).toEqual({ verdict: 'proved' });
    program[program.length - 3] = step(0x0c, 0); // A += X
    expect(await prove(program, table([7, { do: 'allow' }]))).toMatchObject({ verdict: 'refuted' });
  });

  it('ends with 0, which kills, where it divides by nothing', async () => {
    const program = forCall7([step(0x20, 16), step(0x07, 0), step(0x00, 1), step(0x3c, 0), end(ALLOW)]);
    const answer = await prove(program, table([7, { do: 'allow' }]));
    expect(answer).toMatchObject({ verdict: 'refuted', counterExample: { program: 0 } });
  });

  it('may say the same in other words', async () => {
    expect(await prove(forCall7([end(ALLOW | 5)]), table([7, { do: 'allow' }]))).toEqual({
      verdict: 'proved',
    });
    const greatest = table([7, { do: 'errno', errno: 4095 }]);
    expect(await prove(forCall7([end(0x0005ffff)]), greatest)).toEqual({ verdict: 'proved' });
  });
});

describe('what the kernel would not load', () => {
  it.each<[string, Instruction[], RegExp]>([
    ['nothing', [], /0 instructions/],
    ['no end', [step(0x20, 0)], /instruction 0 leads behind the last one/],
    ['a jump out', [step(0x05, 7), end(ALLOW)], /instruction 0 leads behind/],
    ['a load out of bounds', [step(0x20, 64), end(ALLOW)], /instruction 0 .* is none of seccomp/],
    ['a crooked load', [step(0x20, 2), end(ALLOW)], /none of seccomp/],
    ['a load of a byte', [step(0x30, 0), end(ALLOW)], /none of seccomp/],
    ['a division by 0', [step(0x34, 0), end(ALLOW)], /none of seccomp/],
    ['a remainder', [step(0x94, 3), end(ALLOW)], /none of seccomp/],
    // a loop would lose the calls that enter it: every one would be in no ending, and so in no difference
    ['a jump back', [step(0x15, 7, -1, 0), end(NO)], /instruction 0 .* is none of seccomp/],
    ['a jump of half an instruction', [step(0x05, 0.5), end(NO)], /none of seccomp/],
    ['an operand of 33 bits', [end(2 ** 32 + ALLOW)], /none of seccomp/],
    ['a cell that is not set', [step(0x60, 1), end(ALLOW)], /reads a memory cell before/],
    [
      'a cell that is set on one way',
      [step(0x15, 0, 1, 0), step(0x02, 1), step(0x60, 1), end(ALLOW)],
      /before/,
    ],
  ])('is refuted: %s', async (_, program, problem) => {
    const answer = await prove(program, table());
    expect(answer.verdict).toBe('refuted');
    expect('problem' in answer ? answer.problem : '').toMatch(problem);
  });

  it('is refuted: half an instruction', async () => {
    expect(await proveFilter(new Uint8Array(12), table(), solver)).toMatchObject({ verdict: 'refuted' });
  });
});

it('proves nothing of a table that contradicts itself', async () => {
  const twice = table([7, { do: 'allow' }], [7, { do: 'notify' }]);
  expect(await prove(forCall7([end(ALLOW)]), twice)).toMatchObject({ verdict: 'unknown' });
  const odd = table([7, { do: 'errno', errno: 70000 }]);
  expect(await prove(forCall7([end(ALLOW)]), odd)).toMatchObject({ verdict: 'unknown' });
  const open = { ...table(), otherwise: { do: 'allow' } } as const;
  expect(await prove([end(ALLOW)], open)).toEqual({
    verdict: 'unknown',
    reason: 'the table lets run what it does not name',
  });
  expect(await prove([end(NO)], table([0x40000007, { do: 'allow' }]))).toMatchObject({
    reason: 'the table names a call of x32',
  });
  const asks = (test: ArgumentTest) =>
    prove(forCall7([end(ALLOW)]), table([7, { test, yes: { do: 'allow' }, no: { do: 'notify' } }]));
  for (const test of [
    { arg: -1, is: 'any-bit', mask: 1 },
    { arg: 6, is: 'equal', mask: 1, value: 1 },
    { arg: 0, is: 'equal', mask: 0x1ffffffff, value: 1 },
    { arg: 0, is: 'wide', compares: 'less', to: 1n << 64n },
    { is: 'all', of: [{ arg: 0.5, is: 'any-bit', mask: 1 }] },
  ] satisfies ArgumentTest[])
    expect(await asks(test)).toMatchObject({ reason: expect.stringContaining('cannot be asked') });
});

it('is refuted where the table lets run what none may', async () => {
  const never = [{ number: 7, when: { arg: 2, is: 'any-bit', mask: 6 } as const, what: 'a dangerous seven' }];
  const specification = { ...table([7, { do: 'allow' }]), never };
  expect(await prove(forCall7([end(ALLOW)]), specification)).toMatchObject({
    verdict: 'refuted',
    problem: expect.stringMatching(/runs by program and table; no filter may let it run: a dangerous seven$/),
  });
  const careful = {
    ...table([7, { test: never[0]?.when as ArgumentTest, yes: { do: 'notify' }, no: { do: 'allow' } }]),
    never,
  };
  const program = forCall7([step(0x20, 32), step(0x45, 6, 1, 0), end(ALLOW), end(0x7fc00000)]);
  expect(await prove(program, careful)).toEqual({ verdict: 'proved' });
});
