/**
 * Single-instruction changes of a filter, each such that something of what is read, compared, jumped to or returned is different.
 *
 * @module
 */
import { checkProgram, type Instruction, meaningOf } from '../../src/prove/artefacts/filter/index.ts';

const JUMPS = [0x15, 0x25, 0x35, 0x45];
/** What a comparison may become. Of ranges with one number "at least" and "equal" say the same, so that this one would change little. */
const OTHER_JUMPS: Readonly<Record<number, readonly number[]>> = {
  21: [0x25, 0x35, 0x45],
  37: [0x15, 0x35, 0x45],
  53: [0x25, 0x45],
  69: [0x15, 0x25, 0x35],
};

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

function mutated(instruction: Instruction, random: (below: number) => number): Instruction {
  const { code, jt, jf, k } = instruction;
  const bit = () => (1 << random(32)) >>> 0;
  const near = () => (k + (random(2) === 0 ? 1 : -1)) >>> 0;
  if (code === 0x20) return { ...instruction, k: random(16) * 4 };
  if (code === 0x06) return { ...instruction, k: (k ^ bit()) >>> 0 };
  if (code === 0x05) return { ...instruction, k: near() };
  if (JUMPS.includes(code)) {
    const step = random(2) === 0 ? 1 : -1;
    const others = OTHER_JUMPS[code] ?? JUMPS;
    const changes: Instruction[] = [
      { ...instruction, code: others[random(others.length)] as number },
      { ...instruction, jt: jf, jf: jt },
      { ...instruction, jt: Math.max(0, jt + step) },
      { ...instruction, jf: Math.max(0, jf + step) },
      { ...instruction, k: (k ^ bit()) >>> 0 },
      { ...instruction, k: near() },
    ];
    return changes[random(changes.length)] as Instruction;
  }
  return random(2) === 0
    ? { ...instruction, k: (k ^ bit()) >>> 0 }
    : { ...instruction, code: code === 0x54 ? 0x44 : 0x54 };
}

/** Whether two instructions do the same to the kernel as they stand. */
const same = (a: Instruction | undefined, b: Instruction | undefined): boolean =>
  a?.code === 0x06 && b?.code === 0x06
    ? meaningOf(a.k) === meaningOf(b.k)
    : a?.code === b?.code && a?.jt === b?.jt && a?.jf === b?.jf && a?.k === b?.k;

/** Whether a change at `at` is one in writing alone: it leads from the one to another return of the same answer. */
function isNominal(
  program: readonly Instruction[],
  at: number,
  before: Instruction,
  after: Instruction,
): boolean {
  if (same(before, after)) return true;
  if (before.code !== after.code || before.k !== after.k || !JUMPS.includes(before.code)) return false;
  const leadsTo = ({ jt, jf }: Instruction) => [program[at + 1 + jt], program[at + 1 + jf]] as const;
  const [from, to] = [leadsTo(before), leadsTo(after)];
  const alike = (one: Instruction | undefined, other: Instruction | undefined) =>
    one === other || (one?.code === 0x06 && same(one, other));
  return alike(from[0], to[0]) && alike(from[1], to[1]);
}

/** So many different mutants that the kernel loads, the same ones for the same seed. */
export function mutantsOf(program: readonly Instruction[], count: number, seed: number): Instruction[][] {
  const random = randomly(seed);
  const found = new Map<string, Instruction[]>();
  while (found.size < count) {
    const at = random(program.length);
    const before = program[at] as Instruction;
    const after = mutated(before, random);
    const mutant = program.with(at, after);
    if (isNominal(program, at, before, after) || !checkProgram(mutant).ok) continue;
    found.set(JSON.stringify([at, after]), mutant);
  }
  return [...found.values()];
}
