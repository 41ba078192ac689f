/**
 * The language of a system call policy: what to do with each call, as a decision over its integer arguments.
 *
 * A policy is an allowlist. What it does not name, and whatever comes through another architecture's entry (int 0x80,
 * x32), fails with ENOSYS, which programs read as "an older kernel" and work around.
 *
 * Every tested argument is a 32-bit integer in the kernel's own definition of the call (`int`, `unsigned int`, or, for
 * clone, cut to 32 bits), so only the low half is looked at: a high half that the kernel ignores can hide nothing.
 *
 * @module
 */
import type { Choice } from '../../contract/index.ts';
import { type Call, testHolds } from '../../prove/artefacts/filter/index.ts';
import { SYSCALLS, type SyscallName } from './syscalls.ts';

export type Architecture = 'x86_64' | 'aarch64';

/** Linux errno values (asm-generic; the same on x86_64 and aarch64). */
export const ERRNO = {
  EPERM: 1,
  EACCES: 13,
  EBUSY: 16,
  EINVAL: 22,
  ENOSYS: 38,
  ENOPROTOOPT: 92,
  EPROTONOSUPPORT: 93,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
} as const;
export type ErrnoName = keyof typeof ERRNO;

export type Action =
  | { do: 'allow' }
  /** the supervisor carries it out or watches it */
  | { do: 'notify' }
  /** the supervisor records it and answers with this errno */
  | { do: 'deny'; errno: ErrnoName }
  /** the kernel answers with this errno; nothing is recorded */
  | { do: 'errno'; errno: ErrnoName };

/** What to do with a call, by tests of its arguments. */
export type Decision = Choice<Action>;

export interface Policy {
  readonly rules: ReadonlyMap<SyscallName, Decision>;
  /** for calls without a rule, unknown numbers and foreign architectures */
  readonly otherwise: Action;
}

export const allow: Action = { do: 'allow' };
export const notify: Action = { do: 'notify' };
export const deny = (errno: ErrnoName): Action => ({ do: 'deny', errno });
export const fail = (errno: ErrnoName): Action => ({ do: 'errno', errno });

/** Decide by whether any bit of `mask` is set in the argument. */
export function whenAnyBit(arg: number, mask: number, then: Decision, otherwise: Decision): Decision {
  return { test: { arg, is: 'any-bit', mask }, yes: then, no: otherwise };
}

/**
 * Decide by the value of an argument (after `mask`, default all 32 bits), tried in the order given.
 *
 * @example byValue(0, [[[1], allow], [[2, 10], notify]], fail('EAFNOSUPPORT'))
 */
export function byValue(
  arg: number,
  cases: readonly (readonly [values: readonly number[], yes: Decision])[],
  otherwise: Decision,
  mask = 0xffffffff,
): Decision {
  let decision = otherwise;
  for (const [values, then] of [...cases].reverse()) {
    for (const value of [...values].reverse()) {
      decision = { test: { arg, is: 'equal', mask, value }, yes: then, no: decision };
    }
  }
  return decision;
}

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64, linux/audit.h: the ELF machine, 64-bit, little endian. */
export const AUDIT_ARCH: Record<Architecture, number> = { x86_64: 0xc000003e, aarch64: 0xc00000b7 };

/** The number of a call on an architecture, or undefined where it has none. */
export function syscallNumber(name: SyscallName, arch: Architecture): number | undefined {
  const number = SYSCALLS[name][arch === 'x86_64' ? 0 : 1];
  return number < 0 ? undefined : number;
}

/** Follow a decision for given arguments to its action. */
export function decide(decision: Decision, args: readonly bigint[]): Action {
  let at = decision;
  while (!('do' in at)) at = testHolds(at.test, args) ? at.yes : at.no;
  return at;
}

/** What the policy says about a call, looked up rule by rule: slow, obviously right, the oracle of the compiler. */
export function evaluate(policy: Policy, arch: Architecture, call: Call): Action {
  if (call.arch !== AUDIT_ARCH[arch]) return policy.otherwise;
  for (const [name, decision] of policy.rules) {
    if (syscallNumber(name, arch) === call.nr) return decide(decision, call.args);
  }
  return policy.otherwise;
}
