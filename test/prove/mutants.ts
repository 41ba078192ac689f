/**
 * Single-instruction changes of a filter: an instruction left out, or one of the fields that the kernel reads of it changed. None is sorted out
 * because it would change nothing.
 *
 * @module
 */
import { checkProgram, type Instruction } from '../../src/prove/artefacts/filter/index.ts';

/** What was changed. `wild` is a jump to anywhere; the other distances are off by one. */
export type Change = 'removed' | 'operation' | 'operand' | 'swapped' | 'distance' | 'wild';

export interface Mutant {
  at: number;
  change: Change;
  program: Instruction[];
}

const JUMPS = [0x15, 0x25, 0x35, 0x45];
/** Every operation that seccomp takes: loads, stores, arithmetic, jumps, returns, copies. */
const OPERATIONS = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0c, 0x14, 0x15, 0x16, 0x1c, 0x1d, 0x20, 0x24, 0x25, 0x2c,
  0x2d, 0x34, 0x35, 0x3c, 0x3d, 0x44, 0x45, 0x4c, 0x4d, 0x54, 0x5c, 0x60, 0x61, 0x64, 0x6c, 0x74, 0x7c, 0x80,
  0x81, 0x84, 0x87, 0xa4, 0xac,
];

/** A generator of numbers below a bound that gives the same for the same seed (mulberry32). */
export function randomly(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** The program without an instruction: jumps over it are one shorter, jumps to it lead to the next. */
function without(program: readonly Instruction[], at: number): Instruction[] {
  const passes = (from: number, distance: number): number =>
    from < at && from + 1 + distance > at ? distance - 1 : distance;
  return program
    .map(({ code, jt, jf, k }, from) => {
      if (code === 0x05) return { code, jt, jf, k: passes(from, k) };
      return (code & 7) === 5 ? { code, jt: passes(from, jt), jf: passes(from, jf), k } : { code, jt, jf, k };
    })
    .toSpliced(at, 1);
}

type Draw = (below: number) => number;
type Changed = [Change, Instruction];

/** One change of each kind that an instruction can have. */
function changes(instruction: Instruction, left: number, random: Draw): Changed[] {
  const { code, jt, jf, k } = instruction;
  const one = random(2) === 0 ? 1 : -1;
  const others = JUMPS.includes(code) ? JUMPS : OPERATIONS;
  const operation = (from: readonly number[]): Changed => [
    'operation',
    { ...instruction, code: from[random(from.length)] as number },
  ];
  const operand = (value: number): Changed => ['operand', { ...instruction, k: value >>> 0 }];
  const bit = (1 << random(32)) >>> 0;
  if (code === 0x20) return [operation(OPERATIONS), operand(4 * random(16))];
  if (!JUMPS.includes(code)) return [operation(others), operand(k ^ bit), operand(k + one)];
  return [
    operation(JUMPS),
    operation(OPERATIONS),
    operand(k ^ bit),
    operand(k + one),
    ['swapped', { ...instruction, jt: jf, jf: jt }],
    ['distance', { ...instruction, jt: jt + one }],
    ['distance', { ...instruction, jf: jf + one }],
    ['wild', { ...instruction, jt: random(left) }],
    ['wild', { ...instruction, jf: random(left) }],
  ];
}

/** Whether the kernel reads the same of two instructions. */
function same(a: Instruction, b: Instruction): boolean {
  if (a.code !== b.code || a.k !== b.k) return false;
  return (a.code & 7) !== 5 || a.code === 5 || (a.jt === b.jt && a.jf === b.jf);
}

const fits = ({ jt, jf }: Instruction): boolean => jt >= 0 && jt <= 255 && jf >= 0 && jf <= 255;

/**
 * So many different mutants that the kernel loads, each instruction and each change of it as often as any other; the same ones for the same
 * seed.
 */
export function mutantsOf(
  program: readonly Instruction[],
  count: number,
  seed: number,
  wild: boolean,
): Mutant[] {
  const random = randomly(seed);
  const found = new Map<string, Mutant>();
  while (found.size < count) {
    const at = random(program.length);
    const before = program[at] as Instruction;
    const possible = changes(before, Math.min(256, program.length - at - 1), random);
    const drawn = possible.filter(([change]) => (change === 'wild') === wild);
    const choice = random(wild ? drawn.length : drawn.length + 1);
    if (wild && drawn.length === 0) continue;
    const [change, after] = drawn[choice] ?? (['removed', undefined] as const);
    if (after !== undefined && (same(before, after) || !fits(after))) continue;
    const mutant = after === undefined ? without(program, at) : program.with(at, after);
    if (!checkProgram(mutant).ok) continue;
    found.set(JSON.stringify([at, after]), { at, change, program: mutant });
  }
  return [...found.values()];
}
