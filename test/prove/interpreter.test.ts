/**
 * The interpreter of filters agrees with the running kernel: on random programs, on which it loads, and on what it answers.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type Call,
  checkProgram,
  type Instruction,
  interpreterOf,
} from '../../src/prove/artefacts/filter/index.ts';
import { type Case, NOT_ASKED, needsToBeAlone, openKernel, said } from './kernel/kernel.ts';

const PROGRAMS = Number(process.env.RINGFENCE_TEST_PROGRAMS ?? 3000);
const kernel = openKernel();
const missing = typeof kernel === 'string' ? kernel : undefined;
if (missing !== undefined) console.log(`skipped: the kernel is not asked about filters: ${missing}`);

const word = fc.oneof(
  fc.nat(0xffffffff),
  fc.constantFrom(0, 1, 2, 31, 32, 0xff, 0x7fffffff, 0x80000000, 0xffffffff, 0xc000003e),
);

/** An instruction that seccomp takes, most of the time; distances are cut to what is left later. */
const instruction: fc.Arbitrary<Instruction> = fc
  .oneof(
    { weight: 30, arbitrary: fc.record({ code: fc.constant(0x20), k: fc.nat(15).map((at) => at * 4) }) },
    { weight: 40, arbitrary: fc.record({ code: fc.constantFrom(...arithmetic()), k: word }) },
    { weight: 10, arbitrary: fc.record({ code: fc.constantFrom(0x64, 0x74), k: fc.nat(31) }) },
    { weight: 30, arbitrary: fc.record({ code: fc.constantFrom(0x02, 0x03, 0x60, 0x61), k: fc.nat(3) }) },
    {
      weight: 30,
      arbitrary: fc.record({ code: fc.constantFrom(0x00, 0x01, 0x80, 0x81, 0x07, 0x87), k: word }),
    },
    {
      weight: 40,
      arbitrary: fc.record({
        code: fc.constantFrom(0x15, 0x25, 0x35, 0x45, 0x1d, 0x2d, 0x3d, 0x4d),
        k: word,
      }),
    },
    { weight: 1, arbitrary: fc.record({ code: fc.constant(0x05), k: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ code: fc.nat(0xff), k: word }) },
    { weight: 1, arbitrary: fc.record({ code: fc.nat(0xffff), k: fc.nat(70) }) },
  )
  .chain(({ code, k }) =>
    fc.record({ code: fc.constant(code), k: fc.constant(k), jt: fc.nat(5), jf: fc.nat(5) }),
  );

function arithmetic(): number[] {
  const operators = [0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0xa0];
  return [...operators.flatMap((operator) => [operator | 0x04, operator | 0x0c]), 0x6c, 0x7c, 0x84];
}

const step = (code: number, k: number, jt = 0, jf = 0): Instruction => ({ code, jt, jf, k });

/** The end shows sixteen bits of what was computed, as the number of an error or for a tracer, or all of it, or one bit. */
const ending: fc.Arbitrary<Instruction[]> = fc.oneof(
  fc
    .constantFrom([0xfff, 0x00050000], [0xffff, 0x7ff00000], [0xffff, 0x00030000])
    .map(([mask, action]) => [step(0x54, mask as number), step(0x44, action as number), step(0x16, 0)]),
  fc.constant(null).map((): Instruction[] => [step(0x16, 0)]),
  fc
    .nat(31)
    .map((bit) => [step(0x45, (1 << bit) >>> 0, 0, 1), step(0x06, 0x7fff0000), step(0x06, 0x7fc00000)]),
);

const program = fc.tuple(fc.array(instruction, { maxLength: 24 }), ending).map(([body, end]) => {
  // memory that is read must be set: most programs begin with that
  const set = [0, 1, 2, 3].map((k) => ({ code: 0x02, jt: 0, jf: 0, k }));
  return [...(body.length % 8 === 0 ? [] : set), ...body, ...end];
});

const wide = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  word.map(BigInt),
  word.map((high) => BigInt(high) << 32n),
);
const number = fc
  .oneof(
    fc.nat(470),
    word,
    fc.nat(470).map((nr) => nr | 0x40000000),
  )
  .filter((nr) => !NOT_ASKED.includes(nr));
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({
    nr: number,
    arch: fc.constant(0xc000003e),
    // the address that calls come from where none is asked for
    ip: fc.constant(0x10000002n),
    args: fc.array(wide, { minLength: 6, maxLength: 6 }),
  }),
  fc.record({
    nr: number,
    arch: fc.constant(0x40000003),
    ip: fc.constant(0x10000012n),
    args: fc.array(word.map(BigInt), { minLength: 6, maxLength: 6 }),
  }),
);

describe.skipIf(missing !== undefined && !process.env.CI)('the interpreter and the kernel', () => {
  if (typeof kernel === 'string') {
    it('the kernel can be asked', () => expect(kernel).toBe(''));
    return;
  }
  afterAll(() => kernel[Symbol.dispose]());

  it('agree on what each action means, those that the kernel does not know included', () => {
    const getppid: Call = { nr: 110, arch: 0xc000003e, args: [] };
    const known = [0x8000, 0, 3, 5, 0x7fc0, 0x7ff0, 0x7ffc, 0x7fff];
    const near = known.flatMap((action) => Array.from({ length: 16 }, (_, bit) => action ^ (1 << bit)));
    const values = [
      ...new Set([...known, ...near, ...Array.from({ length: 64 }, (_, at) => at * 1021)]),
    ].flatMap((action) => [0, 1, 0xfff, 0x1000, 0xffff].map((data) => ((action << 16) | data) >>> 0));
    const cases = values.map((k): Case => {
      return { program: [{ code: 0x06, jt: 0, jf: 0, k }], calls: [getppid], alone: true };
    });
    const answers = kernel.decide(cases);
    const differences = values.flatMap((value, at) =>
      said(value) === answers[at]?.[0]
        ? []
        : [{ value: value.toString(16), ours: said(value), kernel: answers[at] }],
    );
    expect(differences.slice(0, 5)).toEqual([]);
    expect(values.length).toBeGreaterThan(500);
  });

  it(`agree on ${PROGRAMS} random programs and three calls each`, () => {
    const cases: Case[] = fc.sample(
      fc.record({ program, calls: fc.array(call, { minLength: 3, maxLength: 3 }) }),
      { numRuns: PROGRAMS, seed: 4_096 },
    );
    const answers = kernel.decide(cases);
    const differences: unknown[] = [];
    const counts: Record<string, number> = {};
    cases.forEach((each, at) => {
      const checked = checkProgram(each.program);
      const run = checked.ok ? interpreterOf(each.program) : undefined;
      const ours =
        run === undefined
          ? ['refused 22']
          : each.calls.map((one) => {
              const { verdict } = run(one);
              return needsToBeAlone(verdict) ? 'run' : said(verdict);
            });
      for (const answer of ours) {
        const kind = answer.split(' ')[0] as string;
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
      if (ours.join() !== answers[at]?.join())
        differences.push({ program: each.program, calls: each.calls, ours, kernel: answers[at] });
    });
    expect(differences.slice(0, 3)).toEqual([]);
    // the cases are worth something: every kind of answer is among them
    const kinds = ['refused', 'run', 'notify', 'errno', 'trap', 'trace', 'kill'];
    expect(kinds.filter((kind) => (counts[kind] ?? 0) < PROGRAMS / 200)).toEqual([]);
    console.log(`interpreter and kernel: ${JSON.stringify(counts)}`);
  }, 300_000);
});
