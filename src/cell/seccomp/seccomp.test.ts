import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Call, interpret, interpreterOf } from '../../prove/artefacts/filter/index.ts';
import { ALLOWED } from './allowed.ts';
import {
  ABSENT,
  type Architecture,
  AUDIT_ARCH,
  cellPolicy,
  compileSeccomp,
  deniedCalls,
  deniedErrno,
  disassemble,
  ERRNO,
  evaluate,
  type Policy,
  type PolicyOptions,
  SYSCALLS,
  type SyscallName,
  syscallNumber,
  verdictOf,
} from './index.ts';
import { type Decision, decide } from './policy.ts';

const ARCHITECTURES: readonly Architecture[] = ['x86_64', 'aarch64'];
const AUDIT_ARCH_I386 = 0x40000003;
const STRICT: PolicyOptions = { fileEvents: 'on', affinity: 'deny', fileTables: 'shared' };
const USUAL: PolicyOptions = { fileEvents: 'off', affinity: 'allow', fileTables: 'separate' };
const VARIANTS = [STRICT, USUAL, { ...STRICT, supervisor: 'kernel' }] as const satisfies PolicyOptions[];
const NAMES = Object.keys(SYSCALLS) as SyscallName[];

/** The values that a policy tests an argument for, and their neighbours: where its answers change. */
function interestingValues(policy: Policy): number[] {
  const values = new Set<number>([0, 1, 2, 0xffffffff, 0x7fffffff]);
  const visit = (decision: Decision) => {
    if ('do' in decision) return;
    const { test } = decision;
    const tested = test.is === 'equal' ? [test.value] : test.is === 'any-bit' ? bitsOf(test.mask) : [];
    for (const value of tested) {
      for (const near of [value, value + 1, value - 1, ~value]) values.add(near >>> 0);
    }
    visit(decision.yes);
    visit(decision.no);
  };
  for (const decision of policy.rules.values()) visit(decision);
  return [...values];
}

function bitsOf(mask: number): number[] {
  return Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0).filter((bit) => (mask & bit) !== 0);
}

function call(name: SyscallName, args: readonly (number | bigint)[], arch: Architecture): Call {
  const number = syscallNumber(name, arch);
  if (number === undefined) throw new Error(`${arch} has no ${name}`);
  return {
    nr: number,
    arch: AUDIT_ARCH[arch],
    args: Array.from({ length: 6 }, (_, i) => BigInt(args[i] ?? 0)),
  };
}

function answer(options: PolicyOptions, name: SyscallName, args: readonly (number | bigint)[] = []) {
  const policy = cellPolicy(options);
  const data = call(name, args, 'x86_64');
  const action = evaluate(policy, 'x86_64', data);
  expect(interpret(compileSeccomp(policy, 'x86_64'), data).verdict).toBe(verdictOf(action));
  return action;
}

describe('the policy', () => {
  it('gives no set-user-id bit where that is denied, however it is asked for', () => {
    const options: PolicyOptions = { ...STRICT, setIds: 'deny' };
    for (const [name, ...args] of [
      ['chmod', 0, 0o4755],
      ['fchmod', 0, 0o2755],
      ['fchmodat', 0, 0, 0o6000],
      ['fchmodat2', 0, 0, 0o4000],
      ['creat', 0, 0o4755],
      ['open', 0, 0o100, 0o4755],
      ['openat', 0, 0, 0o20200001, 0o2755],
      ['mknod', 0, 0o104755],
      ['mknodat', 0, 0, 0o102755],
    ] as const)
      expect(answer(options, name, args), name).toMatchObject({ errno: 'EPERM' });
    expect(answer(options, 'chmod', [0, 0o1777])).toEqual({ do: 'allow' });
    expect(answer(options, 'open', [0, 0o0, 0o4755])).toEqual({ do: 'allow' });
    expect(answer(options, 'openat', [0, 0, 0o101, 0o644])).toEqual({ do: 'notify' });
    expect(answer(STRICT, 'chmod', [0, 0o4755])).toEqual({ do: 'allow' });
  });

  it('puts every known call into exactly one list', () => {
    const rules = cellPolicy(STRICT).rules;
    for (const name of NAMES) {
      expect([name, rules.has(name), ABSENT.includes(name)]).toEqual([
        name,
        !ABSENT.includes(name),
        !rules.has(name),
      ]);
    }
    expect(new Set(ALLOWED).size).toBe(ALLOWED.length);
  });

  it('gives a refused call one errno, and never also supervises it', () => {
    const actionsOf = (decision: Decision): string[] =>
      'do' in decision
        ? [decision.do === 'deny' ? `deny ${decision.errno}` : decision.do]
        : [...actionsOf(decision.yes), ...actionsOf(decision.no)];
    for (const [name, decision] of cellPolicy(STRICT).rules) {
      const supervised = new Set(actionsOf(decision).filter((text) => /^(deny|notify)/.test(text)));
      expect([name, supervised.size]).toEqual([name, Math.min(supervised.size, 1)]);
    }
  });

  it('names what the supervisor has to refuse', () => {
    const policy = cellPolicy(USUAL);
    expect(deniedErrno(policy, 'io_uring_setup')).toBe(ERRNO.ENOSYS);
    expect(deniedErrno(policy, 'sendto')).toBe(ERRNO.EOPNOTSUPP);
    expect(deniedErrno(policy, 'socket')).toBe(ERRNO.EAFNOSUPPORT);
    expect(deniedErrno(policy, 'connect')).toBeUndefined();
    const numbers = deniedCalls(policy, 'aarch64').map((denied) => denied.number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(deniedCalls(policy, 'aarch64').find(({ name }) => name === 'mount')).toMatchObject({ errno: 1 });
  });

  const cases: [string, PolicyOptions, SyscallName, (number | bigint)[], string][] = [
    ['connect', USUAL, 'connect', [], 'notify'],
    ['exec', USUAL, 'execveat', [], 'notify'],
    ['an open for reading', STRICT, 'openat', [0, 0, 0o2000000], 'allow'],
    ['an open for writing', STRICT, 'openat', [0, 0, 1], 'notify'],
    ['a writing open behind a high half', STRICT, 'openat', [0, 0, (1n << 63n) | 2n], 'notify'],
    ['a high half that looks like O_WRONLY', STRICT, 'openat', [0, 0, 1n << 32n], 'allow'],
    ['an unnamed temporary file', STRICT, 'open', [0, 0o20200002], 'notify'],
    ['a write open without file events', USUAL, 'openat', [0, 0, 0x41], 'allow'],
    ['a rename without file events', USUAL, 'renameat2', [], 'notify'],
    ['openat2', STRICT, 'openat2', [], 'errno ENOSYS'],
    ['clone3', STRICT, 'clone3', [], 'errno ENOSYS'],
    ['a fork', STRICT, 'clone', [0x1200011], 'allow'],
    ['a thread', STRICT, 'clone', [0x3d0f00], 'allow'],
    ['a thread with files of its own', STRICT, 'clone', [0x3d0f00 & ~0x400], 'deny EPERM'],
    ['the same where PIDFD_THREAD exists', USUAL, 'clone', [0x3d0f00 & ~0x400], 'allow'],
    ['a user namespace by clone', USUAL, 'clone', [0x10000011], 'deny EPERM'],
    ['a time namespace', USUAL, 'unshare', [0x80], 'deny EPERM'],
    ['unshare of the file table', STRICT, 'unshare', [0x400], 'deny EPERM'],
    ['the same by close_range', STRICT, 'close_range', [3, 4, 2], 'errno EINVAL'],
    ['unshare of the working directory', STRICT, 'unshare', [0x200], 'allow'],
    ['a TCP socket', USUAL, 'socket', [2, 0o2004001, 0], 'allow'],
    ['a UDP socket, IPv6', USUAL, 'socket', [10, 2, 17], 'allow'],
    ['ping', USUAL, 'socket', [2, 2, 1], 'deny EAFNOSUPPORT'],
    ['a raw socket', USUAL, 'socket', [2, 3, 255], 'deny EAFNOSUPPORT'],
    ['SMC over INET', USUAL, 'socket', [2, 1, 256], 'deny EAFNOSUPPORT'],
    ['Multipath TCP', USUAL, 'socket', [2, 1, 262], 'errno EPROTONOSUPPORT'],
    ['vsock', USUAL, 'socket', [40, 1, 0], 'deny EAFNOSUPPORT'],
    ['a packet socket', USUAL, 'socket', [17, 3, 0], 'deny EAFNOSUPPORT'],
    ['route netlink', USUAL, 'socket', [16, 3, 0], 'allow'],
    ['netfilter netlink', USUAL, 'socket', [16, 3, 12], 'deny EAFNOSUPPORT'],
    ['AF_INET with a high half', USUAL, 'socket', [(7n << 32n) | 2n, 3, 0], 'deny EAFNOSUPPORT'],
    ['a pair', USUAL, 'socketpair', [1, 1, 0], 'allow'],
    ['a TIPC pair', USUAL, 'socketpair', [30, 1, 0], 'errno EAFNOSUPPORT'],
    ['fast open by sendto', USUAL, 'sendto', [3, 0, 0, 0x20000000], 'deny EOPNOTSUPP'],
    ['fast open by sendmsg', USUAL, 'sendmsg', [3, 0, 0x20004000], 'deny EOPNOTSUPP'],
    ['fast open by sendmmsg', USUAL, 'sendmmsg', [3, 0, 1, 0x20000000], 'deny EOPNOTSUPP'],
    ['a send', USUAL, 'sendto', [3, 0, 0, 0x4000], 'allow'],
    ['IP_MINTTL', USUAL, 'setsockopt', [3, 0, 21], 'errno ENOPROTOOPT'],
    ['TCP_MD5SIG', USUAL, 'setsockopt', [3, 6, 14], 'errno ENOPROTOOPT'],
    ['TCP_NODELAY', USUAL, 'setsockopt', [3, 6, 1], 'allow'],
    ['SO_REUSEADDR', USUAL, 'setsockopt', [3, 1, 2], 'allow'],
    ['SO_ATTACH_FILTER', USUAL, 'setsockopt', [3, 1n | (9n << 40n), 26], 'errno ENOPROTOOPT'],
    ['TIOCSTI', USUAL, 'ioctl', [0, 0x5412], 'errno EPERM'],
    ['TIOCSTI with a high half', USUAL, 'ioctl', [0, (0xffffffffn << 32n) | 0x5412n], 'errno EPERM'],
    ['TCGETS', USUAL, 'ioctl', [0, 0x5401], 'allow'],
    ['gdb without address randomisation', USUAL, 'personality', [0x40000], 'allow'],
    ['READ_IMPLIES_EXEC', USUAL, 'personality', [0x400000], 'deny EPERM'],
    ['a nested filter', USUAL, 'seccomp', [1, 1], 'allow'],
    ['a nested listener', USUAL, 'seccomp', [1, 9], 'errno EBUSY'],
    ['affinity', USUAL, 'sched_setaffinity', [], 'allow'],
    ['affinity that is a limit', STRICT, 'sched_setaffinity', [], 'errno EPERM'],
    ['io_uring', USUAL, 'io_uring_setup', [1], 'deny ENOSYS'],
    ["io_uring of libuv's loop", USUAL, 'io_uring_setup', [256], 'errno ENOSYS'],
    ['a newer mount call', USUAL, 'open_tree_attr', [], 'deny EPERM'],
    ['a tracer', USUAL, 'ptrace', [], 'allow'],
  ];
  it.each(cases)('answers %s', (_, options, name, args, expected) => {
    const action = answer(options, name, args);
    expect('errno' in action ? `${action.do} ${action.errno}` : action.do).toBe(expected);
  });
});

describe.each(ARCHITECTURES)('the compiled filter of %s', (arch) => {
  it.each(VARIANTS)('agrees with the table for every number and value (%j)', (options) => {
    const policy = cellPolicy(options);
    const program = compileSeccomp(policy, arch);
    const run = interpreterOf(program);
    const values = interestingValues(policy).map(BigInt);
    const high = 0xfedcba98n << 32n;
    const numbers = [
      ...Array.from({ length: 1024 }, (_, nr) => nr),
      0x40000000,
      0x40000001,
      0x7fffffff,
      0xffffffff,
    ];
    const mismatches: unknown[] = [];
    for (const nr of numbers) {
      const name = NAMES.find((candidate) => syscallNumber(candidate, arch) === nr);
      const rule = name && policy.rules.get(name);
      const conditional = rule !== undefined && !('do' in rule);
      for (const value of conditional ? values : [0n]) {
        for (const position of conditional ? [0, 1, 2, 3] : [0]) {
          const args = [0n, 0n, 0n, 0n, 0n, 0n];
          args[position] = value | high;
          const data = { nr, arch: AUDIT_ARCH[arch], args };
          const got = run(data).verdict;
          const expected = verdictOf(rule ? decide(rule, args) : policy.otherwise);
          if (got !== expected) mismatches.push({ name, nr, args, got, expected });
        }
      }
    }
    expect(mismatches).toEqual([]);
  });

  it('agrees with the table for calls at random', () => {
    const policy = cellPolicy(STRICT);
    const run = interpreterOf(compileSeccomp(policy, arch));
    const value = fc.oneof(
      fc.constantFrom(...interestingValues(policy)).map(BigInt),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    );
    const data = fc.record({
      nr: fc.oneof(fc.integer({ min: 0, max: 480 }), fc.nat(0xffffffff)),
      arch: fc.constantFrom(AUDIT_ARCH[arch], AUDIT_ARCH[arch], AUDIT_ARCH.x86_64, AUDIT_ARCH_I386),
      args: fc.array(value, { minLength: 6, maxLength: 6 }),
    });
    fc.assert(
      fc.property(data, (drawn) => {
        expect(run(drawn).verdict).toBe(verdictOf(evaluate(policy, arch, drawn)));
      }),
      { numRuns: 3000 },
    );
  });

  it('does not look at high halves', () => {
    const program = compileSeccomp(cellPolicy(STRICT), arch);
    const args = fc.array(fc.nat(0xffffffff), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 470 }), args, fc.bigInt(0n, 0xffffffffn), (nr, low, high) => {
        const at = (half: bigint) => ({
          nr,
          arch: AUDIT_ARCH[arch],
          args: low.map((word) => BigInt(word) | (half << 32n)),
        });
        expect(interpret(program, at(high)).verdict).toBe(interpret(program, at(0n)).verdict);
      }),
    );
  });

  it('refuses every call of another architecture and of x32', () => {
    const program = compileSeccomp(cellPolicy(USUAL), arch);
    const other = arch === 'x86_64' ? AUDIT_ARCH.aarch64 : AUDIT_ARCH.x86_64;
    for (let nr = 0; nr < 512; nr++) {
      for (const foreign of [other, AUDIT_ARCH_I386, 0x40000028]) {
        expect(interpret(program, { nr, arch: foreign, args: [] }).verdict).toBe(0x00050000 | ERRNO.ENOSYS);
      }
      const x32 = { nr: nr | 0x40000000, arch: AUDIT_ARCH[arch], args: [] };
      expect(interpret(program, x32).verdict).toBe(0x00050000 | ERRNO.ENOSYS);
    }
  });

  it('is short, the same each time, and can be read', () => {
    const program = compileSeccomp(cellPolicy(STRICT), arch);
    expect(compileSeccomp(cellPolicy(STRICT), arch)).toEqual(program);
    expect(program.length / 8).toBeLessThan(600);
    expect(interpret(program, call('openat', [0, 0, 0], arch)).steps).toBeLessThanOrEqual(10);
    for (const name of NAMES) {
      if (syscallNumber(name, arch) === undefined) continue;
      expect(interpret(program, call(name, [], arch)).steps).toBeLessThanOrEqual(26);
    }
    expect(disassemble(program)).toMatch(/A = arg2\.low\n.*if A & 0x400243/);
  });
});

it('jumps over more than 255 instructions', () => {
  const values = Array.from({ length: 700 }, (_, index) => index * 3);
  const rules = new Map<SyscallName, Decision>();
  let decision: Decision = { do: 'allow' };
  for (const value of values) {
    decision = {
      test: { arg: 0, is: 'equal', mask: 0xffffffff, value },
      yes: { do: 'notify' },
      no: decision,
    };
  }
  rules.set('getpid', decision);
  const policy: Policy = { rules, otherwise: { do: 'errno', errno: 'ENOSYS' } };
  const program = compileSeccomp(policy, 'x86_64');
  for (let value = 0; value < 2110; value++) {
    const data = call('getpid', [value], 'x86_64');
    expect(interpret(program, data).verdict).toBe(verdictOf(evaluate(policy, 'x86_64', data)));
  }
});
