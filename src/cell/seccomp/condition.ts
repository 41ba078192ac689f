/**
 * The code of one test of arguments, with a way out for each answer. Arguments have 64 bits and the accumulator 32: what looks at all
 * of an argument looks at its high half first.
 *
 * @module
 */
import type { ArgumentTest } from '../../contract/index.ts';
import { type Instruction, OPCODE } from './bpf.ts';

/** Where a jump leads: over so many steps, or to an answer. */
type Exit = number | 'yes' | 'no';

interface Step {
  code: number;
  k: number;
  /** of a jump: where it leads when its condition holds, and where when not */
  exits?: readonly [Exit, Exit];
}

const LOW = 0xffffffffn;
const ALL_BITS = (1n << 64n) - 1n;

/** The half of an argument that lies in the low or the high word, masked. */
function load(arg: number, half: 'low' | 'high', mask: number): Step[] {
  // struct seccomp_data is in the machine's order, little endian here
  const steps: Step[] = [{ code: OPCODE.load, k: 16 + 8 * arg + (half === 'high' ? 4 : 0) }];
  if (mask !== 0xffffffff) steps.push({ code: OPCODE.and, k: mask });
  return steps;
}

const halves = (value: bigint) => ({ low: Number(value & LOW), high: Number((value >> 32n) & LOW) });

function wideSteps(test: Extract<ArgumentTest, { is: 'wide' }>): Step[] {
  const mask = halves(test.mask ?? ALL_BITS);
  const value = halves(test.to);
  const [low, high] = [load(test.arg, 'low', mask.low), load(test.arg, 'high', mask.high)];
  const negated = test.compares === 'not-equal' || test.compares === 'less' || test.compares === 'at-most';
  const [yes, no]: [Exit, Exit] = negated ? ['no', 'yes'] : ['yes', 'no'];
  const last = (code: number): Step => ({ code, k: value.low, exits: [yes, no] });
  if (test.compares === 'equal' || test.compares === 'not-equal') {
    // a half of which nothing is asked needs no look
    const looks = mask.high !== 0 || value.high !== 0;
    const first: Step[] = [...high, { code: OPCODE.jumpEqual, k: value.high, exits: [0, no] }];
    return [...(looks ? first : []), ...low, last(OPCODE.jumpEqual)];
  }
  const beyond = test.compares === 'greater' || test.compares === 'at-most';
  return [
    ...high,
    { code: OPCODE.jumpGreater, k: value.high, exits: [yes, 0] },
    { code: OPCODE.jumpEqual, k: value.high, exits: [0, no] },
    ...low,
    last(beyond ? OPCODE.jumpGreater : OPCODE.jumpAtLeast),
  ];
}

/** Steps whose yes leads to what lies behind them. */
function goingOn(steps: readonly Step[]): Step[] {
  return steps.map(({ exits, ...step }, at) => {
    if (!exits) return step;
    const [yes, no] = exits.map((exit) => (exit === 'yes' ? steps.length - at - 1 : exit)) as [Exit, Exit];
    return { ...step, exits: [yes, no] };
  });
}

function stepsOf(test: ArgumentTest): Step[] {
  switch (test.is) {
    case 'all': {
      const parts = test.of.map(stepsOf);
      return parts.flatMap((steps, part) => (part === parts.length - 1 ? steps : goingOn(steps)));
    }
    case 'any-bit':
      return [
        ...load(test.arg, 'low', 0xffffffff),
        { code: OPCODE.jumpAnyBit, k: test.mask, exits: ['yes', 'no'] },
      ];
    case 'equal':
      return [
        ...load(test.arg, 'low', test.mask),
        { code: OPCODE.jumpEqual, k: test.value, exits: ['yes', 'no'] },
      ];
    case 'wide':
      return wideSteps(test);
  }
}

/**
 * A test with both its outcomes: `no` directly behind it, then `yes`.
 *
 * @throws RangeError where a test has so many parts that a jump would not reach its end
 */
export function conditionCode(test: ArgumentTest, yes: Instruction[], no: Instruction[]): Instruction[] {
  const steps = stepsOf(test);
  if (steps.length === 0) return yes;
  // jumps reach 255 instructions; a longer way to the yes is gone by a jump without condition
  const far = steps.length + no.length > 255;
  const distance = (exit: Exit, at: number): number => {
    const left = steps.length - at - 1;
    const to =
      typeof exit === 'number' ? exit : exit === 'no' ? left + (far ? 1 : 0) : left + (far ? 0 : no.length);
    if (to > 255) throw new RangeError('a test of arguments has too many parts for the jumps of BPF');
    return to;
  };
  return [
    ...steps.map(({ code, k, exits }, at) => ({
      code,
      jt: exits ? distance(exits[0], at) : 0,
      jf: exits ? distance(exits[1], at) : 0,
      k,
    })),
    ...(far ? [{ code: OPCODE.jump, jt: 0, jf: 0, k: no.length }] : []),
    ...no,
    ...yes,
  ];
}
