/**
 * The compiler from a policy to classic BPF: architecture first, then a search tree over ranges of call numbers, then the
 * tests of arguments. Its output is a function of its input alone.
 *
 * Calls that are allowed whatever their arguments cost nothing at run time on Linux ≥ 5.11: the kernel finds them when the
 * filter is loaded and never runs it for them (kernel/seccomp.c, seccomp_cache_prepare). So the tree is weighted by the
 * frequency of the other calls, `openat` above all.
 *
 * @module
 */
import { encode, type Instruction, OPCODE, VERDICT } from './bpf.ts';
import { conditionCode } from './condition.ts';
import {
  type Action,
  type Architecture,
  AUDIT_ARCH,
  type Decision,
  ERRNO,
  type Policy,
  syscallNumber,
} from './policy.ts';
import type { SyscallName } from './syscalls.ts';

/** Relative frequency of calls whose arguments are looked at; all others weigh 1. */
const WEIGHTS: Readonly<Partial<Record<SyscallName, number>>> = {
  openat: 200,
  open: 40,
  ioctl: 40,
  sendto: 20,
  sendmsg: 20,
  close_range: 5,
  clone: 5,
  setsockopt: 5,
  socket: 5,
};

/** BPF_MAXINSNS: the kernel takes no longer program. */
const MAXIMUM_LENGTH = 4096;

/** All numbers from `start` up to the next range's start get the same decision. */
interface Range {
  start: number;
  decision: Decision;
  weight: number;
}

/** The verdict that the kernel gets for an action. */
export function verdictOf(action: Action): number {
  switch (action.do) {
    case 'allow':
      return VERDICT.allow;
    case 'notify':
    case 'deny':
      return VERDICT.notify;
    case 'errno':
      return VERDICT.errno | ERRNO[action.errno];
  }
}

/** What makes two decisions compile to the same code. */
function identity(decision: Decision): string {
  if ('do' in decision) return String(verdictOf(decision));
  const test = JSON.stringify(decision.test, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return `${test}?${identity(decision.yes)}:${identity(decision.no)}`;
}

function rangesOf(policy: Policy, arch: Architecture): Range[] {
  const byNumber: { number: number; decision: Decision; weight: number }[] = [];
  for (const [name, decision] of policy.rules) {
    const number = syscallNumber(name, arch);
    if (number !== undefined) byNumber.push({ number, decision, weight: WEIGHTS[name] ?? 1 });
  }
  byNumber.sort((a, b) => a.number - b.number);

  const ranges: Range[] = [];
  const extend = (start: number, decision: Decision, weight: number) => {
    const last = ranges.at(-1);
    if (last && identity(last.decision) === identity(decision)) last.weight = Math.max(last.weight, weight);
    else ranges.push({ start, decision, weight });
  };
  let next = 0;
  for (const { number, decision, weight } of byNumber) {
    if (number > next) extend(next, policy.otherwise, 1);
    extend(number, decision, weight);
    next = number + 1;
  }
  // up to 2³²−1: numbers of the future, and every x32 call (bit 30 set)
  extend(next, policy.otherwise, 1);
  return ranges;
}

/** A branch: `then` lies behind `otherwise`, reached by a long jump where 255 instructions do not suffice. */
function branch(code: number, k: number, then: Instruction[], otherwise: Instruction[]): Instruction[] {
  const head: Instruction[] =
    otherwise.length <= 255
      ? [{ code, jt: otherwise.length, jf: 0, k }]
      : [
          { code, jt: 0, jf: 1, k },
          { code: OPCODE.jump, jt: 0, jf: 0, k: otherwise.length },
        ];
  return [...head, ...otherwise, ...then];
}

const done = (action: Action): Instruction[] => [{ code: OPCODE.return, jt: 0, jf: 0, k: verdictOf(action) }];

/** `loaded` names what the accumulator holds, so that a chain of tests of one argument loads it once. */
function compileDecision(decision: Decision, loaded: string): Instruction[] {
  if ('do' in decision) return done(decision);
  const { test } = decision;
  if (test.is === 'all' || test.is === 'wide')
    return conditionCode(test, compileDecision(decision.yes, ''), compileDecision(decision.no, ''));
  const masks = test.is === 'equal' && test.mask !== 0xffffffff;
  const needed = masks ? `${test.arg}&${test.mask}` : `${test.arg}`;
  const load: Instruction[] = [];
  if (loaded !== needed) {
    // the low half of a 64-bit argument: struct seccomp_data is in the machine's order, little endian here
    load.push({ code: OPCODE.load, jt: 0, jf: 0, k: 16 + 8 * test.arg });
    if (masks) load.push({ code: OPCODE.and, jt: 0, jf: 0, k: test.mask });
  }
  const [code, k] = test.is === 'any-bit' ? [OPCODE.jumpAnyBit, test.mask] : [OPCODE.jumpEqual, test.value];
  const then = compileDecision(decision.yes, needed);
  const otherwise = compileDecision(decision.no, needed);
  return [...load, ...branch(code, k, then, otherwise)];
}

/** Weight-balanced search tree over `ranges[from, to)`. */
function compileRanges(ranges: readonly Range[], from: number, to: number): Instruction[] {
  const only = ranges[from];
  if (!only || to <= from) throw new RangeError('a search tree needs at least one range');
  if (to - from === 1) return compileDecision(only.decision, 'nr');

  const weights = ranges.slice(from, to).map((range) => range.weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let split = from + 1;
  let best = Number.POSITIVE_INFINITY;
  let left = 0;
  weights.slice(0, -1).forEach((weight, index) => {
    left += weight;
    const imbalance = Math.abs(total - 2 * left);
    if (imbalance < best) {
      best = imbalance;
      split = from + index + 1;
    }
  });
  const pivot = ranges[split]?.start ?? 0;
  return branch(
    OPCODE.jumpAtLeast,
    pivot,
    compileRanges(ranges, split, to),
    compileRanges(ranges, from, split),
  );
}

/**
 * Compile a policy for one architecture.
 *
 * @returns struct sock_filter[], 8 bytes each, little endian, for SECCOMP_SET_MODE_FILTER
 * @throws RangeError when the program would be longer than the kernel takes
 */
export function compileSeccomp(policy: Policy, arch: Architecture): Uint8Array {
  const ranges = rangesOf(policy, arch);
  const program: Instruction[] = [
    { code: OPCODE.load, jt: 0, jf: 0, k: 4 },
    { code: OPCODE.jumpEqual, jt: 1, jf: 0, k: AUDIT_ARCH[arch] },
    ...done(policy.otherwise),
    { code: OPCODE.load, jt: 0, jf: 0, k: 0 },
    ...compileRanges(ranges, 0, ranges.length),
  ];
  if (program.length > MAXIMUM_LENGTH) {
    throw new RangeError(`the filter has ${program.length} instructions, the kernel takes ${MAXIMUM_LENGTH}`);
  }
  return encode(program);
}
